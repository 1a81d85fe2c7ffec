"""Looks whether what azbot depends on works, and says how it is put right (ux.md 11.3).

One file per probe. A probe is given the part of the settings it looks at and nothing
else, so that ``azbot init`` tests each answer with the probe ``doctor`` runs later::

    finding = await ImapProbe(ImapSettings(host="imap.example.org"), password).check()
    finding.level, finding.notes[-1].repair

Nothing here speaks words: ``words`` says a finding in the language of the reader.
"""
