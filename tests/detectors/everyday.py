"""What people write without marking anything, though the words of markings are in it: in English, in Chinese, a few in others."""

ENGLISH = """
Secret santa is on friday, who is in?
The secret to a good curry is patience.
I have a top secret recipe for pancakes.
Top secret: grandma puts vinegar in the dough.
It is no secret that he snores.
Our secret garden opens at ten.
Keep it a secret until her birthday!
Victoria's Secret has a sale this weekend.
The Secret Life of Pets is on tonight.
She has a secret admirer at the gym.
This is strictly confidential, but they are getting married.
Your call is confidential and will not be recorded.
All feedback is confidential, so be honest.
The survey is anonymous and confidential.
Confidential counselling is available on campus.
The doctor said it stays confidential.
The museum holds declassified maps from the war.
He reads classified ads all day long.
The cat is classified as overweight, poor thing.
Trains were unclassified on the old map.
Access to the pool is restricted after nine.
Restricted parking on match days.
The film is rated restricted, no kids.
NATO summit means the ring road is closed.
NATO phonetic alphabet: alfa, bravo, charlie.
My flight code is NS 412 from gate C.
The official opening is on Saturday.
This is an official picture of the team.
Her skin is sensitive to the sun.
Sensitive teeth? Try this toothpaste.
It's official: we bought a house!
Official-looking email, but it is a scam.
The bus was controlled by two inspectors.
CUI Bono was my favourite lecture in law school.
Cui's noodle shop moved to the second floor.
Section (S) of the form is for your spouse.
Choose a size: (S) small, (C) comfort, (U) unisex.
(C) 2026 Green Valley Farm Shop
S//M//L are all in stock, XL comes tuesday.
The fraction was s/nf in my notes, no idea why.
Secret/hidden tracks on the album are the best.
secret // not a comment, just a variable name
// TODO: rotate the client secret
client_secret=changeme in the sample file
Please store the API secret in the vault.
git ignores files named secret.txt
Kubernetes secrets are only base64.
The password is not a secret if it is on a sticky note.
Derived from milk, may contain nuts.
The word salary is derived from salt.
Classified by size, then by colour.
Downgrade to the cheaper plan whenever you like.
Rated five stars ★★★★★, would go again.
★ Top pick of the week ★
5★ stay, 10 years running!
10 year warranty on all windows.
Valid for 10 years from the date of issue.
Only for your eyes, darling.
For your eyes only is my favourite Bond film.
The eyes only exhibit closes in May.
UK eyes only the gold medal this year.
Do not distribute before noon, the cake must cool.
Draft beer, not people.
Draft of my CV attached, tell me what you think.
Internal temperature should reach 74 degrees.
Internal server error again, call Tom.
The internal market was closed for cleaning.
No foreign coins in the machine, please.
Noforn is not a word in scrabble.
The orcon server is down, reboot it.
Fouo? Never heard of it, is it a band?
Special access required for the roof terrace, ask reception.
We had to sign for the rental car keys.
The spy museum shop sells secret ink pens.
A secret ballot will be held at the club.
The secret word today is banana.
Psst, secret sale, tell everyone.
My secret? Eight hours of sleep.
SECRET SANTA LIST: Ann, Bob, Carla, Dev
TOP SECRET COOKIE RECIPE INSIDE
THIS IS NOT A SECRET ANYMORE
CONFIDENTIAL TO LONELY IN LEEDS: call him
OFFICIAL MERCHANDISE AT THE NORTH STAND
RESTRICTED VIEW SEATS HALF PRICE
UNCLASSIFIED ADS NOW ONLINE
Level 3 is closed, use level 4 for the lifts.
Security level: the alarm beeps twice.
The lab is a controlled environment, so wear socks.
Controlled burns start in the valley today.
Remote controlled car for sale, barely used.
The classified section of the paper was my first job.
He is in the secret service of his wife's birthday party.
Their marriage was an open secret.
The secretary will send the minutes.
Secretariat won the race in 1973.
Top floor, secret door, mind your head.
Our top secretary is leaving us.
Confidence is key, confidential is not.
Please treat these photos as private.
For internal use only? It's shampoo, Dave.
Keep refrigerated. Keep out of reach of children.
Handle with care, this side up.
Released to the public yesterday at noon.
Limited distribution of free samples at the mall.
The escape room is called Secret Bunker.
Operation Teacup starts when mum leaves the house.
We are cleared for landing, see you in ten.
""".strip().splitlines()

CHINESE = """
秘密花园今天开放到九点
这是我们两个人的秘密
告诉你一个小秘密，她要结婚了
周杰伦的《不能说的秘密》你看过吗
秘密武器就是奶奶的辣椒酱
减肥的秘密是管住嘴迈开腿
他心里藏着一个秘密
公开的秘密，大家都知道
秘密基地在老槐树后面
绝密配方：多放一勺糖
这家店的绝密酱汁太好吃了
《绝密档案》今晚八点播出
绝密飞行是我小时候看的电影
剧透绝密，请勿外传哈哈
考试绝密押题卷，微信扫码
机密任务：给爸爸准备惊喜
《碟中谍》里那份机密文件呢
机密行动代号“火锅”，七点集合
公司前台请注意保密
请替我保密，别告诉妈妈
保密协议签了吗？没有，就是个玩笑
评分★5年老店，回头客多
★5年质保，免费上门安装
好评★★★★★，下次还来
本店10年老字号，★推荐★
五星★酒店，住了3年还想住
★长期招聘服务员，包吃住
长期有效，欢迎转发
有效期10年，请妥善保管
保修期限：3年
密码是六个八，别忘了
密级这个词怎么翻译成英文
密度实验的报告写完了没有
密云水库周末去不去
蜜汁鸡翅的秘密在于腌制
密室逃脱周六下午三点
密封条坏了，漏水
亲密关系这本书借我看看
紧密团结，拿下期末考试
茂密的树林里有松鼠
机械密封需要换新的
手机密码又忘了
计算机密集型任务跑了一夜
飞机密集起降，噪音很大
司机密谋偷懒被发现了
绝密级压岁钱，爷爷偷偷给的
内部员工价，欢迎选购
内部装修暂停营业
内部食堂今天有红烧肉
仅限内部流通的优惠券
严禁外传，独家秘方
敏感肌肤适用
敏感词过滤太严了
官方旗舰店今天打折
官方回应来了，别信谣言
公文包落在地铁上了
公文写作课周四交作业
红头文件的格式怎么排
文件已发，请查收附件
附件里是旅游照片
关于端午放假的通知大家看到了吗
国办发的放假安排出来了
学院发了通知，周五停课
京东发货了，快递单号稍后给你
网发〔2026〕最搞笑视频合集
份号是多少？我帮你取餐
取餐号000123，请到窗口
订单000456已送达
编号 000789 的柜子打不开
密封车厢里有点闷
解密游戏推荐几个
解密大自然，少儿科普
解密后发现是一张菜谱
阅后即焚，哈哈哈
请勿拍照，博物馆有规定
绝对保密！周六给老王过生日
这个秘密★我只告诉你
机密★这个游戏太难了
秘密★花园 手工皂
绝密★行动 桌游招募
三年之约★不见不散
毕业10年★同学聚会
友谊长期★有效
机密文档管理软件哪个好用
秘密通道通向甜品站
国家秘密保护法考试要背的太多了
保密教育课下午两点开始
涉密人员脱密期是多久，考题求答案
商业秘密案例分析作业
个人隐私请勿公开
军事迷聚会周日上午
军绿色外套还有货吗
退伍10年，老战友聚聚
特急！谁有充电宝
加急快递今天能到吗
特急电报是奶奶那个年代的事
绝了，密汁叉烧好吃
秘制酱料，祖传三代
密密麻麻写了一黑板
神秘嘉宾是谁，猜猜看
秘书把会议改到三点了
书记秘书都来了
档案馆周一闭馆
内参是什么意思
北约峰会期间机场限流
美国签证十年有效
""".strip().splitlines()

OTHERS = """
Das ist mein kleines Geheimnis.
Geheimtipp: das Café am Fluss.
Streng geheim! Oma backt Kuchen.
Vertraulich gesagt, ich mag keinen Spargel.
Nur für den Dienstgebrauch? Das ist ein Kugelschreiber!
C'est un secret de famille, la tarte.
Mon jardin secret est au bord de la mer.
Très secret, ce gâteau d'anniversaire.
La diffusion restreinte du film a déçu tout le monde.
Confidentiel : il va demander sa main.
Le secret défense, c'est un bon titre de roman.
""".strip().splitlines()

SENTENCES: tuple[str, ...] = (*ENGLISH, *CHINESE, *OTHERS)
