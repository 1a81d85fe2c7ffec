"""Robots, loops and bursts: noted at most, never answered, never acted upon."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage

import pytest

from azbot.channels.email.settings import EmailSettings
from azbot.tokens import Purpose, issue_address
from azbot.workflow import events as e
from azbot.workflow.model import Status
from tests.maildesk import DESK, STRANGER, Mail, MailDesk

HEADERS: list[dict[str, str]] = [
    {"Auto_Submitted": "auto-replied"},
    {"Auto_Submitted": "auto-generated (vacation)"},
    {"Precedence": "bulk"},
    {"Precedence": "auto_reply"},
    {"X_Autoreply": "yes"},
    {"X_Autorespond": "absence"},
    {"List_Id": "<annonces.example>"},
    {"Subject": "Réponse automatique : Bien reçu"},
    {"Subject": "Absence du bureau"},
    {"Subject": "Automatic reply: Received"},
    {"Subject": "Out of Office: Received"},
]


def return_path(desk: MailDesk, person: int) -> str:
    return issue_address(desk.app.door.keyring, DESK, Purpose.BOUNCE, 1, person)


async def absences(desk: MailDesk) -> list[e.AbsenceNoted]:
    return [x for x in await desk.events() if isinstance(x, e.AbsenceNoted)]


@pytest.mark.parametrize("headers", HEADERS, ids=lambda h: next(iter(h.values())))
async def test_an_automatic_answer_is_noted_and_not_answered(
    desk: MailDesk, headers: dict[str, str]
) -> None:
    question = await desk.done()
    sent = len(desk.mailbox.sent)
    desk.client.answer(question, "OUI", quotes=False, **headers)
    await desk.settle()

    assert (await desk.it()).status is Status.DONE
    assert len(desk.mailbox.sent) == sent
    assert len(await absences(desk)) == 1
    assert await desk.states() == [*["applied"] * 3, "ignored"]


async def test_a_vacation_program_without_headers_writes_to_the_return_path(
    desk: MailDesk,
) -> None:
    question = await desk.done()
    sent = len(desk.mailbox.sent)
    to = return_path(desk, int(desk.people.client))
    desk.client.answer(question, "Oui, je suis en congés jusqu'au 15.", to=to)
    await desk.settle()

    assert (await desk.it()).status is Status.DONE
    assert len(desk.mailbox.sent) == sent
    assert len(await absences(desk)) == 1


async def test_an_absence_of_a_stranger_opens_nothing(desk: MailDesk) -> None:
    desk.writer("Paul", STRANGER).write(
        "Je suis absent.", Auto_Submitted="auto-replied"
    )
    await desk.settle()

    assert await desk.states() == ["ignored"]
    assert desk.mailbox.sent == ()


async def test_an_advertisement_opens_nothing_and_gets_no_answer(
    desk: MailDesk,
) -> None:
    desk.writer("Boutique", "news@shop.example").write(
        "Vingt pour cent sur tout.", List_Unsubscribe="<https://shop.example/off>"
    )
    await desk.settle()

    assert await desk.states() == ["ignored"]
    assert await desk.last_reason() == "not_a_request"
    assert desk.mailbox.sent == ()


async def test_a_thousand_mutual_automatic_answers_make_one_mail_at_most(
    desk: MailDesk,
) -> None:
    def answers(mail: Mail) -> None:
        desk.client.answer(mail, "Je suis absent.", Auto_Submitted="auto-replied")

    await desk.submitted()
    sent = len(desk.mailbox.sent)
    for _ in range(10):
        for _ in range(100):
            answers(desk.client.last)
        await desk.settle()

    assert len(desk.mailbox.sent) <= sent + 1
    assert len(await absences(desk)) == 1


async def test_a_robot_that_hides_is_held_after_some_messages(desk: MailDesk) -> None:
    recap = await desk.submitted()
    for n in range(60):
        desk.client.answer(recap, f"Votre message {n} nous est bien parvenu.")
        await desk.settle()

    assert len(await desk.messages()) == 30
    assert desk.client.kinds == ["incomplete"]


async def test_hundreds_of_messages_of_one_client_are_held_listed_and_told_once(
    desk: MailDesk,
) -> None:
    recap = await desk.submitted()
    for n in range(300):
        desk.client.answer(recap, f"Message numéro {n}.", quotes=False)
    await desk.settle()

    states = await desk.states()
    assert len(states) == 301
    assert states.count("applied") == 31
    assert states.count("quarantined") == 270
    held = [m for m in desk.readers.mails if "mis de côté" in m.text]
    assert len(held) == 1
    assert "automatique" not in held[0].text
    assert "une heure" in held[0].text


async def test_the_next_hour_messages_are_taken_again(desk: MailDesk) -> None:
    recap = await desk.submitted()
    for n in range(31):
        desk.client.answer(recap, f"Message numéro {n}.", quotes=False)
    await desk.settle()
    await desk.later(hours=1, minutes=1)
    desk.client.answer(recap, "Encore un.")
    await desk.settle()

    assert (await desk.messages())[-1].text == "Encore un."


async def test_more_requests_of_one_sender_than_a_person_makes_are_held(
    desk: MailDesk,
) -> None:
    robot = desk.writer("Robot", STRANGER)
    for n in range(8):
        robot.write(f"Une panne, numéro {n}.")
    await desk.settle()

    assert await desk.states() == ["applied"] * 5 + ["quarantined"] * 3


async def test_a_stranger_is_acknowledged_once_an_hour(each_desk: MailDesk) -> None:
    desk = each_desk
    victim = desk.writer("Paul", STRANGER)
    for n in range(3):
        victim.write(f"Une panne, numéro {n}.")
        await desk.settle()
        await desk.clock.advance(timedelta(minutes=10))
    assert victim.kinds == ["incomplete"]
    await desk.later(minutes=31)
    assert len(victim.mails) == 2
    await desk.later(minutes=30)
    assert len(victim.mails) == 2
    await desk.later(minutes=30)
    assert len(victim.mails) == 3
    assert desk.readers.kinds.count("desk") == 3, "the desk hears of each at once"


async def test_a_known_client_is_acknowledged_at_once(desk: MailDesk) -> None:
    for n in range(3):
        desk.client.write(f"Une panne, numéro {n}.")
    await desk.settle()

    assert desk.client.kinds == ["incomplete"] * 3


async def test_our_own_mail_that_comes_back_is_dropped(desk: MailDesk) -> None:
    recap = await desk.submitted()
    sent = len(desk.mailbox.sent)
    desk.mailbox.deliver(recap.letter.content, DESK)
    desk.client.answer(
        recap, "Bonjour", X_Azbot_Loop=EmailSettings(address=DESK).loop_mark
    )
    await desk.settle()

    assert (await desk.states())[1:] == ["ignored", "ignored"]
    assert len(desk.mailbox.sent) == sent


async def test_a_mail_from_our_own_address_is_set_aside_quietly(
    desk: MailDesk,
) -> None:
    desk.writer("Support", DESK).write("Une panne")
    await desk.settle()

    assert await desk.last_reason() == "own_address"
    assert desk.mailbox.sent == ()


# --- bounces ----------------------------------------------------------------------


def report(
    desk: MailDesk, person: int, original: Mail | None, action: str = "failed"
) -> bytes:
    message = EmailMessage()
    message["From"] = "Mail Delivery System <MAILER-DAEMON@mx.example>"
    message["To"] = return_path(desk, person) if person >= 0 else DESK
    message["Subject"] = "Undelivered Mail Returned to Sender"
    message["Auto-Submitted"] = "auto-replied"
    message.set_content("Your message could not be delivered.")
    message.make_mixed()
    text = (
        "Reporting-MTA: dns; mx.example\n\n"
        "Final-Recipient: rfc822; s.martin@clim-martin.example\n"
        f"Action: {action}\nStatus: {'5.1.1' if action == 'failed' else '4.4.1'}\n"
        "Diagnostic-Code: smtp; 550 no such user here\n"
    )
    octets = message.as_bytes().replace(
        b"multipart/mixed", b"multipart/report; report-type=delivery-status"
    )
    boundary = octets.partition(b'boundary="')[2].partition(b'"')[0]
    status = b"\n--%b\nContent-Type: message/delivery-status\n\n%b" % (
        boundary,
        text.encode(),
    )
    head = b""
    if original is not None:
        head = b"\n--%b\nContent-Type: text/rfc822-headers\n\nMessage-ID: %b\n" % (
            boundary,
            original.id.encode(),
        )
    end = b"--%b--" % boundary
    octets = octets.replace(end, status.lstrip(b"\n") + head + b"\n" + end)
    desk.mailbox.deliver(octets, "", str(message["To"]))
    return octets


async def test_a_bounce_to_the_return_path_says_in_the_history_who_was_not_reached(
    each_desk: MailDesk,
) -> None:
    desk = each_desk
    recap = await desk.submitted()
    report(desk, int(desk.people.client), recap)
    await desk.settle()

    (failed,) = [x for x in await desk.events() if isinstance(x, e.DeliveryFailed)]
    assert failed.address == desk.client.address
    assert "550" in failed.reason
    assert "550" in desk.readers.last.text
    assert len(desk.client.mails) == 1


async def test_a_delay_is_no_failure(desk: MailDesk) -> None:
    report(desk, int(desk.people.client), await desk.submitted(), "delayed")
    await desk.settle()

    assert not [x for x in await desk.events() if isinstance(x, e.DeliveryFailed)]
    assert (await desk.states())[-1] == "ignored"


async def test_a_bounce_that_fits_nothing_is_passed_over(desk: MailDesk) -> None:
    report(desk, -1, None)
    await desk.settle()

    assert await desk.states() == ["ignored"]
    assert desk.mailbox.sent == ()


async def test_the_desk_is_not_told_that_it_cannot_be_told(desk: MailDesk) -> None:
    await desk.submitted()
    sent = len(desk.mailbox.sent)
    report(desk, 0, desk.readers.last)
    await desk.settle()

    assert len(desk.mailbox.sent) == sent
    assert not [x for x in await desk.events() if isinstance(x, e.DeliveryFailed)]


async def test_a_read_receipt_leaves_no_trace(desk: MailDesk) -> None:
    recap = await desk.submitted()
    receipt = (
        b"From: Sophie <s.martin@clim-martin.example>\r\nSubject: Lu : Bien recu\r\n"
        b"MIME-Version: 1.0\r\nContent-Type: multipart/report;"
        b' report-type=disposition-notification; boundary="x"\r\n\r\n'
        b"--x\r\nContent-Type: text/plain\r\n\r\nLu.\r\n"
        b"--x\r\nContent-Type: message/disposition-notification\r\n\r\n"
        b"Disposition: manual-action; displayed\r\n\r\n--x--\r\n"
    )
    desk.mailbox.deliver(receipt, "", recap.reply_to)
    await desk.settle()

    assert (await desk.states())[-1] == "ignored"
    assert await absences(desk) == []
