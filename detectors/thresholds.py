"""Operating points. In brackets: the rows of ``tests/benchmarks/results/dev.md`` that tell whether they still hold. Beside it,
``dev_operating_points.md`` shows what any other value of inliers, coverage, agreement or bits would find, and whom accuse.

Set by hand and checked on that corpus, several of them together; confidence is calibrated only where geometry alone decides.
Those without brackets rest on what their comment says was measured, or on reasoning alone.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Where a hit becomes a match."""

    # keypoints: agreeing correspondences, counted once per place, and the share of visible blocks that are confirmed.
    # Enough for equipment, and to nominate a page for reading. [photographs of all attacks: found; equipment: accused]
    inliers: int = 12
    coverage: float = 0.30
    # equipment from another side, a page bent or blurred: more details, on fewer blocks; and of several views none of which is
    # enough, the least of each, and of all together. Another drawn machine with the same fittings showed 18 in one view, and 27
    # in four together [as it is: A_multiview]
    inliers_solid: int = 24
    coverage_solid: float = 0.05
    inliers_view: int = 7
    inliers_together: int = 40
    # where geometry alone decides, so many of them must be each other's nearest. Of 720 attacked photographs 719 were found,
    # all by 10 and more, of 68 other views that were found all but two by 21 and more (7, 9). Of 799 benign pictures none had
    # more than 5, though some, of text, had up to 24 inliers with a facade of many windows, 43 at a closer look
    mutual: int = 6
    # with so many, and at least inliers_view, one that is not confirmed is looked at again with more of the picture's details
    mutual_closer: int = 3
    # how sure geometry alone is: even at so many (and one), rising with their logarithm. Fitted to 360 attacked photographs and
    # the corpus's own views and benign pictures; of as many others all 416 that it gave 0.8 and more were right [confidence]
    even_mutual: float = 6.46
    mutual_slope: float = 6.70
    # geometry alone, for pages without registered text [document: accused]
    coverage_textless: float = 0.60
    # geometry alone, for pages whose registered text could not be compared; at most a review [documents, recompress]
    inliers_unread: int = 24
    coverage_unread: float = 0.70
    # and where nothing can be read any more, of what is registered so much must agree in three parts of four. Of 600 attacked
    # copies of twenty drawn pages 544 did, scribbled over and in the worst chain 5 of 20, of 400 others of their forms 10 [hunt]
    agreement_unread: float = 0.35
    # and so many times those of any page of another asset that lies there. Too small to read, registered pages had 1.8 times
    # and more, four unregistered receipts of registered shops 1.25 at most; a fifth had 2.1
    inliers_lead: float = 1.5
    # guided reading: a line must be so high in the picture, in pixels, to be read, and the engine so sure for it to speak against
    # a page. From this likeness on (cosine of sketches) a whole line read for certain agrees; less is asked of an unsure
    # reading, by so much for each doubt, and of a line that is cut, by so much and for what is missing, but never less than
    # the least. So much below that it differs. From the last on it is that very line.
    line_height: float = 6.0
    line_confidence: float = 0.85
    line_agrees: float = 0.85
    line_loss: float = 2.0
    line_cut: float = 0.12
    line_missing: float = 0.25
    line_agrees_least: float = 0.55
    line_gap: float = 0.25
    # a long number says something for the page only if it is so alike, however badly read, or cut, so much more than a line
    # must be; and it differs sooner
    line_exact: float = 0.92
    line_exact_cut: float = 0.07
    line_gap_number: float = 0.15
    line_is: float = 0.80
    # so much of what was read in its place, in shingles, stands in other lines of the page: the page is bent, the grid is not.
    # Strips that run across two lines of a curved page held 0.36 to 0.74 (9 of them)
    line_elsewhere: float = 0.3
    # a number is denied if no cut of it is so like the registered one, and all but so many say the same other number. So many
    # digits of denied numbers make the page another. Of 96 registered documents as photographed prints none had one denied, of
    # 42 in the worst chain two a short one
    line_other: float = 0.75
    looks_apart: int = 1
    digits_denied: int = 6
    # two pages are of one form if one holds so many of the other's lines of so many units. Receipts of one shop held 0.40 to
    # 1.00 of each other's (208 pairs), of two shops 0.27 at most (7,796 pairs; six more were of one chain under two names)
    form_units: int = 12
    form_lines: float = 0.33
    # so many figures looked at and not one told to be the registered one: it may be any page of the form, and a person decides
    figures_looked_at: int = 3
    # evidence for or against the page, as a natural logarithm; so many lines must agree, and so many times those that differ
    lines_evidence: float = 4.6
    lines_against: float = 3.5
    lines_least: int = 3
    # one line alone is not against a page: a stroke of a pen may have made a figure or a word of it another
    lines_differing: int = 2
    lines_majority: float = 2.0
    # where every line that can be seen was read, or many, and not one differs, so much is enough
    lines_evidence_whole: float = 2.3
    lines_many: int = 6
    lines_evidence_some: float = 0.5  # less is a letterhead's
    # perceptual hash, of 64 bits: nominates up to the first, decides alone up to the second [B_neardup]
    perceptual_near: int = 10
    perceptual_same: int = 4
    # below this size of text, in units, or this confidence of the OCR engine, two pages cannot be compared by reading
    # [documents, recompress]
    readable_units: int = 48
    readable_confidence: float = 0.80
    # the same page keeps this share of its shingles when the engine is sure (1.0), and loses so much with each doubt:
    # a confident reading whose lines agree only in part is another text [documents, print_photo; document: accused]
    legibility_best: float = 0.95
    legibility_loss: float = 4.0
    # units in lines that agree, of all read: at least the first, and by so much more as the reading is flawless (1.0)
    # [documents, recompress and crop40; document: accused]
    agreement_least: float = 0.50
    agreement_gain: float = 0.39
    # ahead of the nearest text of another asset by so much, unless it is all but complete (two editions of one page)
    # [another asset named]
    agreement_lead: float = 0.05
    agreement_twin: float = 0.97
    # two registered texts that share so many of their shingles are one text registered twice, not two of one form
    text_twin: float = 0.90
    # so much less agreement, so far ahead, leaves a doubt that overwhelming geometry puts before a person
    # [documents, rotate90 and recompress]
    doubt: float = 0.25
    doubt_lead: float = 0.30
    inliers_doubt: int = 150
    coverage_doubt: float = 0.97
    # shared text in units (a CJK character 2, a letter 1) weighted by rarity; shorter passages are chance or a form's words
    passage_units: float = 20.0
    text_units: float = 40.0
    # the same for text read from a picture, where labels of forms and programs are shared by all who use them
    # [document: accused by document_text]
    text_units_read: float = 120.0
    # in a few lines of a picture; less, and the others are not read (fingerprints/layout.py)
    glimpse_units: float = 10.0
    # and around those lines: less, and what they say is the form's, or chance
    closer_units: float = 90.0
    # and so much read where a page of a form was ruled out tells which others of the form need not be tried
    read_units: int = 60
    read_share: float = 0.10
    # a text that holds so many times as much as any other asset's is what stands there. Read in full, registered pages held five
    # times as much and more, other pages of their forms as much
    text_lead: float = 3.0
    # below this share of what was written or read, only so much text counts: a letterhead is short beside its page
    text_share: float = 0.20
    text_units_alone: float = 160.0
    # registering: one picture is another's copy if it shows so much of it and is filled by it so far. Of 12 pairs each, copies
    # of five attacks showed 0.75 to 1.00, half a picture beside another's half 0.46 to 0.80 (median 0.60)
    alike_shown: float = 0.75
    alike_extent: float = 0.30
    # registering: a reference is boilerplate when others hold so much of its text, or of the blocks where it has details. Ten
    # lines read of a page of 24 named their page in 0.92 to 0.94 of 48 where up to 0.7 of all lines were the form's and never
    # another; at 0.8 also or only another in 0.23, at 0.9 their page in 0.56. Pictures half of which was another's had 0.28 to
    # 0.72 of their blocks in common with it (median 0.46 of 12), what was cut from another's 0.53 to 1.00 (median 0.83 of 36)
    boilerplate_text: float = 0.75
    boilerplate_details: float = 0.60
    # a copy of a picture held against the asset by mistake: so large a share of the details it has in common with that picture
    # the reference does not explain, so many times more than the other way round, and so much more of it confirmed
    mistake_share: float = 0.35
    mistake_ratio: float = 4.0
    mistake_lead: float = 0.10
    # bits of the perceptual hash by which it is nearer; the share of a text that it holds
    mistake_bits: int = 3
    mistake_text: float = 0.80
    # a match at least this sure is a leak; below it a person decides. What a rule leaves to one states 0.65, by hand and below
    # this on purpose: of 69 on the corpus all were right, (69 + 1) / (69 + 2), in a later run one was not, a receipt of a
    # registered shop [confidence, 0.6 to 0.7; dev_since.md]
    leak_confidence: float = 0.7


DEFAULT = Thresholds()
