"""One unit of work: every change of one step, all of it or none of it."""

from __future__ import annotations

from functools import cached_property

from azbot.ports import Blobs
from azbot.store.accounts import Accounts, Sessions
from azbot.store.archive import Archive
from azbot.store.assistances import Assistances
from azbot.store.attempts import Attempts
from azbot.store.audit import Audit
from azbot.store.backups import Backups
from azbot.store.canned import CannedAnswers
from azbot.store.chats import Chats, Slots
from azbot.store.drafts import Drafts
from azbot.store.drawers import ApiTokens, Idempotency, SeenFiles, Settings
from azbot.store.events import Events
from azbot.store.holders import Holders
from azbot.store.holds import Holds
from azbot.store.outbox import Outbox
from azbot.store.paces import Paces
from azbot.store.passkeys import Passkeys
from azbot.store.people import People
from azbot.store.presence import Presence
from azbot.store.proofs import Proofs
from azbot.store.rates import Rates
from azbot.store.raw import RawLedger
from azbot.store.readings import Readings
from azbot.store.request_drafts import RequestDrafts
from azbot.store.restored import Restoring
from azbot.store.revocations import Revocations
from azbot.store.saved_views import SavedViews
from azbot.store.search import Search
from azbot.store.seats import Seats
from azbot.store.sent import Sent
from azbot.store.signals import Signals
from azbot.store.sql import Sql
from azbot.store.stations import Stations
from azbot.store.threads import Threads
from azbot.store.timers import Timers
from azbot.store.trial import Trial
from azbot.store.uploads import Uploads


class UnitOfWork:
    """What a work function given to ``Store.write`` may touch, and nothing else.

    The work is a plain function: it runs in a worker thread, may run more than once
    (PostgreSQL asks for that after a deadlock; a full disk does too), and must not
    wait for anything else. When it returns, everything is committed together; when
    it raises, nothing happened. A unit of work is dead once its function returned.

    Attributes:
        sql: the transaction itself, for the store's own tools.
        blobs: the files; what is put stays although the work rolls back.
        topics: what will ring.
    """

    def __init__(self, sql: Sql, blobs: Blobs) -> None:
        self.sql = sql
        self.blobs = blobs
        self.topics: set[str] = set()

    def ring(self, *topics: str) -> None:
        """Ring the bell for these topics once the commit is done.

        ``raw``, ``outbox``, ``acts``, ``timers``, ``events``, ``holds``, ``signals``
        and ``presence`` ring by themselves when something was added.
        """
        self.topics.update(topics)

    @cached_property
    def assistances(self) -> Assistances:
        """State and version."""
        return Assistances(self.sql, self.search)

    @cached_property
    def events(self) -> Events:
        """History."""
        return Events(self.sql, self.search, self.topics)

    @cached_property
    def people(self) -> People:
        """Clients, agents, contacts of stations."""
        return People(self.sql)

    @cached_property
    def stations(self) -> Stations:
        """Field partners."""
        return Stations(self.sql, self.people)

    @cached_property
    def raw(self) -> RawLedger:
        """Messages as received."""
        return RawLedger(self.sql, self.blobs, self.topics)

    @cached_property
    def threads(self) -> Threads:
        """Which message belongs to which assistance."""
        return Threads(self.sql)

    @cached_property
    def outbox(self) -> Outbox:
        """What must leave."""
        return Outbox(self.sql, self.blobs, self.topics)

    @cached_property
    def sent(self) -> Sent:
        """What people were told so far."""
        return Sent(self.sql, self.outbox)

    @cached_property
    def archive(self) -> Archive:
        """What has left everyday work."""
        return Archive(self.sql)

    @cached_property
    def timers(self) -> Timers:
        """What must happen, and when."""
        return Timers(self.sql, self.topics)

    @cached_property
    def idempotency(self) -> Idempotency:
        """Answers already given to a key."""
        return Idempotency(self.sql)

    @cached_property
    def tokens(self) -> ApiTokens:
        """Keys to the REST API."""
        return ApiTokens(self.sql)

    @cached_property
    def accounts(self) -> Accounts:
        """Keys of the people of the desk."""
        return Accounts(self.sql)

    @cached_property
    def sessions(self) -> Sessions:
        """Browsers that are signed in."""
        return Sessions(self.sql)

    @cached_property
    def passkeys(self) -> Passkeys:
        """Keys that stay in the devices of people."""
        return Passkeys(self.sql)

    @cached_property
    def proofs(self) -> Proofs:
        """Secrets that serve once."""
        return Proofs(self.sql)

    @cached_property
    def attempts(self) -> Attempts:
        """How often somebody tried lately."""
        return Attempts(self.sql)

    @cached_property
    def signals(self) -> Signals:
        """What stirs beside the histories."""
        return Signals(self.sql, self.topics)

    @cached_property
    def presence(self) -> Presence:
        """Who of the desk is there."""
        return Presence(self.sql, self.topics)

    @cached_property
    def canned_answers(self) -> CannedAnswers:
        """Texts that agents put into their replies."""
        return CannedAnswers(self.sql)

    @cached_property
    def drafts(self) -> Drafts:
        """What agents have begun to write."""
        return Drafts(self.sql)

    @cached_property
    def request_drafts(self) -> RequestDrafts:
        """What clients have begun to ask for."""
        return RequestDrafts(self.sql)

    @cached_property
    def holds(self) -> Holds:
        """Commands that may still be undone."""
        return Holds(self.sql, self.topics)

    @cached_property
    def readings(self) -> Readings:
        """What each agent has seen."""
        return Readings(self.sql)

    @cached_property
    def revocations(self) -> Revocations:
        """Links that open nothing any more."""
        return Revocations(self.sql)

    @cached_property
    def saved_views(self) -> SavedViews:
        """Filters with a name."""
        return SavedViews(self.sql)

    @cached_property
    def audit(self) -> Audit:
        """What administrators change."""
        return Audit(self.sql)

    @cached_property
    def settings(self) -> Settings:
        """What is kept by name, the signing keys among it."""
        return Settings(self.sql)

    @cached_property
    def restoring(self) -> Restoring:
        """What a restored database has to be careful about."""
        return Restoring(self.sql)

    @cached_property
    def backups(self) -> Backups:
        """When everything was last copied to somewhere safe."""
        return Backups(self.sql)

    @cached_property
    def trial(self) -> Trial:
        """Whether everything stays inside."""
        return Trial(self.sql, self.topics)

    @cached_property
    def seen_files(self) -> SeenFiles:
        """Pictures met before."""
        return SeenFiles(self.sql)

    @cached_property
    def holders(self) -> Holders:
        """Who holds leases."""
        return Holders(self.sql)

    @cached_property
    def seats(self) -> Seats:
        """What one process of several does."""
        return Seats(self.sql)

    @cached_property
    def uploads(self) -> Uploads:
        """Files on their way in."""
        return Uploads(self.sql)

    @cached_property
    def chats(self) -> Chats:
        """Accounts of chat services."""
        return Chats(self.sql)

    @cached_property
    def slots(self) -> Slots:
        """Messages of chats that are drawn in place."""
        return Slots(self.sql)

    @cached_property
    def paces(self) -> Paces:
        """How fast chats were written to."""
        return Paces(self.sql)

    @cached_property
    def rates(self) -> Rates:
        """How often somebody wrote lately."""
        return Rates(self.sql)

    @cached_property
    def search(self) -> Search:
        """The search index."""
        return Search(self.sql)
