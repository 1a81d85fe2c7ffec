"""What every mail keeps to (ux.md 9.1, M1, M2)."""

from azbot.i18n.catalogue import strict_catalogue
from azbot.render import Brand, Links, Reader, Renderer
from azbot.resources import data_dir
from azbot.workflow.decision import NoticeKind


def test_a_mail_has_subject_preheader_text_and_html() -> None:
    brand = Brand("Support technique", "Régulia", "support@regulia.example", "#0b5c86")
    renderer = Renderer(data_dir("templates"), brand, strict_catalogue)
    links = Links("", "", "", "", "", "", "", "")
    reader = Reader("Sophie Martin", "fr", "client", is_first_mail=False)
    facts = {"ref": "ASFR26000184", "text": "Bonjour.", "agent": "Camille D."}
    words = renderer.mail(NoticeKind.MESSAGE, facts, reader, links)
    assert words.subject.endswith("· ASFR26000184")
    assert words.text.startswith("Bonjour.")
    assert "<h1" in words.html
