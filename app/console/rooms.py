"""Every room of the console, in the order in which addresses are looked up."""

from app.console.alerts.routes import router as alerts
from app.console.assets.routes import router as assets
from app.console.auditing.routes import router as auditing
from app.console.chronicle.routes import router as chronicle
from app.console.directory.routes import router as directory
from app.console.entrance.routes import router as entrance
from app.console.evidence.routes import router as evidence
from app.console.hunts.routes import router as hunts
from app.console.incidents.routes import router as incidents
from app.console.mistakes.routes import router as mistakes
from app.console.numbers.routes import router as numbers
from app.console.queue.routes import router as queue
from app.console.reruns.routes import router as reruns
from app.console.sightings.routes import router as sightings
from app.console.trials.routes import router as trials

ROUTERS = (
    entrance,
    queue,
    evidence,
    alerts,
    chronicle,
    incidents,
    mistakes,
    sightings,
    trials,
    hunts,
    assets,
    directory,
    auditing,
    numbers,
    reruns,
)
