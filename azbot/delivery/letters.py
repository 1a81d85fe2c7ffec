"""A delivery in words: who writes to whom, in which thread, with which links."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import quote

from azbot.identity.linking import ChatDoor
from azbot.messages import Address, Outbound, OutboundFile, PersonId
from azbot.render import Brand, Links, Reader, Renderer
from azbot.render.values import ReaderRole
from azbot.store.records import Delivery, Person
from azbot.tokens import (
    LINK_FOR,
    Keyring,
    Purpose,
    form_link,
    issue_address,
    issue_link,
    issue_message_id,
    issue_signing,
    issue_start,
    thread_root,
)
from azbot.workflow.decision import Audience, NoticeKind
from azbot.workflow.decision import NoticeKind as N

_ASKS_YES_NO = frozenset({N.FINISHED, N.MISSION, N.MISSION_REMINDER, N.CONFIRM_WORD})
_OF_MEMBERS = frozenset({N.INVITATION, N.PASSWORD_LOST})
_OF_VISITORS = frozenset({N.ACCESS_CODE, N.ADDRESS_CHANGED, N.CHAT_LINKED})
_MAY_CHAT = frozenset(
    {Audience.REQUESTER, Audience.CONTACT, Audience.COLLEAGUE, Audience.STATION}
)

_CHAT = frozenset({N.MESSAGE})
_DATED = frozenset({N.PLANNED, N.MISSION_PLANNED})
"""Where a date is told, nothing says until when it would be proposed (``date_by``)."""
"""Mails of a conversation: an agent's words, one constant subject (ux.md 9.1)."""

_YES = {"fr": ("OUI", "NON"), "en": ("YES", "NO"), "es": ("SI", "NO")}
_OTHER_DATE = {"fr": "AUTRE DATE", "en": "OTHER DATE", "es": "OTRA FECHA"}
_ROLES: dict[str, ReaderRole] = {
    Audience.REQUESTER: "client",
    Audience.CONTACT: "contact",
    Audience.COLLEAGUE: "client",
    Audience.STATION: "station",
    Audience.DESK: "desk",
    Audience.ADMIN: "admin",
    Audience.ADDRESS: "signatory",
}


@dataclass(frozen=True, slots=True)
class Postmark:
    """What every letter of this desk shares.

    Attributes:
        mailbox: the desk's address; sub-addresses of it carry tokens.
        host: right-hand side of Message-IDs.
        public_url: base of links, without a final slash.
        has_sub_addresses: False: the service drops ``+token``; threads then hang
            on Message-IDs alone.
        logo: the file that is printed on reports, empty for none.
        chat: what whoever has no chat yet is offered; None: there is none.
    """

    mailbox: Address
    host: str
    public_url: str
    keyring: Keyring
    brand: Brand
    has_sub_addresses: bool = True
    separator: str = "+"
    logo: str = ""
    chat: ChatDoor | None = None


class Letters:
    """Writes deliveries out, the same way every time."""

    def __init__(
        self, renderer: Callable[[], Renderer], postmark: Callable[[], Postmark]
    ) -> None:
        """Make a writer.

        Args:
            renderer: gives what writes in the present words and colours.
            postmark: gives the present name of the desk with all the rest.
        """
        self._renderer = renderer
        self._postmark = postmark

    @property
    def _mark(self) -> Postmark:
        return self._postmark()

    def write(
        self,
        delivery: Delivery,
        person: Person | None,
        files: tuple[OutboundFile, ...],
        also: tuple[Delivery, ...],
        now: datetime,
        *,
        is_linked: bool = False,
    ) -> Outbound:
        """Return the letter of one delivery.

        Args:
            delivery: the row of the outbox.
            person: the recipient, when the store knows them.
            files: attachments, already made.
            also: deliveries of the same group, told by the same letter.
            now: the Date header, and the start of the links' life.
            is_linked: the recipient has a chat with us.

        Raises:
            ValueError: a fact the template needs is missing.
        """
        kind = NoticeKind(delivery.kind)
        facts = delivery.facts
        reply_to = self._reply_to(delivery)
        name = person.name or person.company if person else str(facts.get("name", ""))
        reader = Reader(
            name=name,
            language=delivery.language,
            role=_role(kind, facts),
            is_first_mail=kind in (N.OPENED, N.INCOMPLETE)
            and bool(facts.get("is_new")),
        )
        words = self._renderer().mail(
            kind,
            facts,
            reader,
            replace(
                self._links(delivery, kind, reply_to, now),
                **self._chat(delivery, person, now, is_linked=is_linked),
            ),
            tuple((NoticeKind(d.kind), _as_now(d.facts, kind)) for d in also),
        )
        return Outbound(
            key=delivery.key,
            sender=self._sender(kind, facts),
            to=Address(delivery.address, name),
            reply_to=Address(reply_to, self._mark.brand.name),
            envelope_from=self._token_address(delivery, Purpose.BOUNCE),
            message_id=self.message_id(delivery),
            references=self._references(delivery),
            in_reply_to=_answered(delivery),
            subject=words.subject,
            text=words.text,
            html=words.html,
            date=now,
            files=files,
            kind=delivery.kind,
            reference=str(facts.get("ref", "")),
            is_automatic=kind not in _CHAT,
            is_optional=delivery.is_optional,
            language=delivery.language,
        )

    def message_id(self, delivery: Delivery) -> str:
        """Name the mail of one delivery, the same for every attempt."""
        return issue_message_id(
            self._mark.keyring,
            self._mark.host,
            delivery.assistance_id or 0,
            delivery.id,
            delivery.person or 0,
        )

    def _references(self, delivery: Delivery) -> tuple[str, ...]:
        if not delivery.assistance_id:
            return ()
        root = thread_root(delivery.assistance_id, self._mark.host)
        answered = _answered(delivery)
        return (root, answered) if answered else (root,)

    def _sender(self, kind: NoticeKind, facts: Mapping[str, object]) -> Address:
        """« Camille, Support technique » for what a person wrote."""
        mark = self._mark
        agent = facts.get("agent")
        if kind in _CHAT and isinstance(agent, str) and agent:
            return Address(mark.mailbox.email, f"{agent}, {mark.brand.name}")
        return mark.mailbox

    def _reply_to(self, delivery: Delivery) -> str:
        if not delivery.assistance_id:
            return self._mark.mailbox.email
        return self._token_address(delivery, Purpose.REPLY)

    def _token_address(self, delivery: Delivery, purpose: Purpose) -> str:
        if not self._mark.has_sub_addresses:
            return self._mark.mailbox.email
        return issue_address(
            self._mark.keyring,
            self._mark.mailbox.email,
            purpose,
            delivery.assistance_id or 0,
            delivery.person or 0,
            self._mark.separator,
        )

    def _links(
        self, delivery: Delivery, kind: NoticeKind, reply_to: str, now: datetime
    ) -> Links:
        page = self._page(delivery.assistance_id or 0, delivery.person, now)
        if kind is N.SIGNATURE_WANTED:
            page = self._signing(delivery)
        yes, no = _YES.get(delivery.language, _YES["fr"])
        is_recap = kind is N.OPENED and not delivery.facts.get("is_confirmed")
        asks = kind in _ASKS_YES_NO or is_recap
        subject = str(delivery.facts.get("ref", ""))

        def ready(word: str) -> str:
            return f"mailto:{reply_to}?subject={quote(subject)}&body={quote(word)}"

        other = _OTHER_DATE.get(delivery.language, _OTHER_DATE["fr"])
        return Links(
            # « Ouvrir le formulaire », said of the visit of the day.
            open=form_link(page) if kind is N.TODAY else page,
            yes=ready(yes) if asks else "",
            no=ready(no) if asks and not is_recap else "",
            other_date=ready(f"{other} : "),
            stop=ready("STOP") if delivery.is_optional else "",
            upload=page,
            report=page,
            privacy=self._privacy(delivery.language),
            choose=str(delivery.facts.get("link", "")),
        )

    @property
    def offers_chat(self) -> bool:
        """Whether mails lead to a chat."""
        return self._mark.chat is not None

    def _chat(
        self,
        delivery: Delivery,
        person: Person | None,
        now: datetime,
        *,
        is_linked: bool,
    ) -> dict[str, str]:
        """Return the links into a chat and out of it, by the names of ``Links``.

        A token in a mail makes its reader the person: it stands only in what goes to
        the person's own address about an assistance, never in a mail about addresses,
        which may go to one that nobody has proved.
        """
        door, base = self._mark.chat, self._mark.public_url
        if person is None or not person.is_active:
            return {}
        if delivery.kind == N.CHAT_LINKED.value and base:
            until = now + LINK_FOR
            token = issue_link(self._mark.keyring, Purpose.UNLINK, 0, person.id, until)
            return {"unlink": f"{base}/portal/unlink/{token}"}
        is_own = delivery.address.casefold() == person.address.casefold()
        is_told = delivery.facts.get("audience") in _MAY_CHAT
        if door is None or is_linked or not (is_own and is_told):
            return {}
        about = delivery.assistance_id or 0
        token = issue_start(self._mark.keyring, about, person.id, now + LINK_FOR)
        return {"chat": door.link(token), "chat_name": door.name}

    def _privacy(self, language: str) -> str:
        base = self._mark.public_url
        return f"{base}/privacy?lang={language}" if base else ""

    def _signing(self, delivery: Delivery) -> str:
        facts, base = delivery.facts, self._mark.public_url
        if not (base and delivery.assistance_id):
            return ""
        token = issue_signing(
            self._mark.keyring,
            delivery.assistance_id,
            int(str(facts["number"])),
            str(facts["role"]),
            str(facts["form"]),
            datetime.fromisoformat(str(facts["until"])),
        )
        return f"{base}/sign/{token}"

    def _page(self, assistance: int, person: PersonId | None, now: datetime) -> str:
        return personal_link(self._mark, assistance, person, now)


def personal_link(
    mark: Postmark, assistance: int, person: PersonId | None, at: datetime
) -> str:
    """Return the address that opens an assistance to one person (ux.md 7.1).

    Empty where there are no pages, and for nobody in particular.

    Args:
        mark: whose pages.
        assistance: its number, 0: none.
        person: whose link.
        at: when it leaves; it lives for ``LINK_FOR``.
    """
    if not (mark.public_url and assistance and person):
        return ""
    token = issue_link(mark.keyring, Purpose.LINK, assistance, person, at + LINK_FOR)
    return f"{mark.public_url}/a/{token}"


def _role(kind: NoticeKind, facts: Mapping[str, object]) -> ReaderRole:
    if kind in _OF_MEMBERS:
        return "member"
    if kind in _OF_VISITORS:
        return "visitor"
    # A link sent again goes to one person, who may be any of these.
    name = "reader" if kind is N.ACCESS_LINK else "audience"
    return _ROLES.get(str(facts.get(name)), "unknown")


def _as_now(facts: Mapping[str, object], kind: NoticeKind) -> Mapping[str, object]:
    """Return facts of an earlier occasion without what the newest has settled."""
    if kind not in _DATED:
        return facts
    return {name: value for name, value in facts.items() if name != "date_by"}


def _answered(delivery: Delivery) -> str:
    name = delivery.facts.get("message_id")
    # What was said in a chat has a name no mail program knows.
    return name if isinstance(name, str) and name.startswith("<") else ""
