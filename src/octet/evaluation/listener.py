"""A listener for English: pocketsphinx, whose wheel holds an American English model.

The only file that imports pocketsphinx (extra `evaluate`). It is a recogniser of the older kind, Gaussian mixtures
and a trigram language model: it mishears clean speech too, but it is small, offline, deterministic, and was never
trained with any voice of Octet.

Settings were chosen on 15 sentences in each of four recorded voices of flite (slt, rms, awb, kal16) and confirmed on 15
others; word error rates in %:

    settings                          chosen on    confirmed on (in that order)
    as shipped                        11.3         7.0 (5.8 3.9 7.1 11.0)
    8 densities a state, weight 5.0   8.0          5.5 (4.5 3.9 7.1 6.5)

Alone, the densities or the weight gave 9.6 on the first set. Less or nothing came of weights of 5.8, 7.2 and 9.5
(10.6, 12.6, 24.0), wider beams (10.6, and slow), lower weights in the later passes (10.6), other word penalties,
likelier silence, noise removal, silence around the speech or another level (11.2 to 11.6). Narrower beams double the
errors; weights below 5 were not tried. An utterance is decoded whole, with its own cepstral mean, so that none
influences the next.

Source: D. Huggins-Daines et al., "PocketSphinx: a free, real-time continuous speech recognition system for hand-held
devices", ICASSP 2006.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from octet.audio.resample import resample
from octet.core.errors import require
from octet.evaluation.arrays import finite

SAMPLE_RATE_HZ = 16000
# Words that its dictionary spells as abbreviations; the texts it is compared with are spelled out.
SPOKEN = {
    "mr.": "mister",
    "mrs.": "missus",
    "dr.": "doctor",
    "prof.": "professor",
    "jr.": "junior",
    "vs.": "versus",
    "etc.": "et cetera",
}
SETTINGS: dict[str, Any] = {"cmn": "batch", "topn": 8, "lw": 5.0}  # densities a state, weight of the language model


class Listener:
    """Hears English. One utterance does not influence the next.

    Raises:
        MissingExtra: pocketsphinx is not installed.
    """

    def __init__(self) -> None:
        pocketsphinx = require("pocketsphinx", extra="evaluate")
        self._decoder = pocketsphinx.Decoder(loglevel="FATAL", samprate=SAMPLE_RATE_HZ, **SETTINGS)

    def transcribe(self, audio: ArrayLike, sample_rate_hz: int) -> str:
        """The words heard in a mono signal (N,) in [-1, 1], lower-case; nothing in silence.

        Raises:
            InvalidInput: not one-dimensional and finite, or a rate that is not positive.
        """
        samples = resample(finite("audio", audio).astype(np.float32), sample_rate_hz, SAMPLE_RATE_HZ)
        if not samples.any():  # the model, which has never met digital silence, hears a short word in it
            return ""
        pcm = (np.clip(samples, -1.0, 1.0) * 32767).astype("<i2").tobytes()
        self._decoder.start_utt()
        self._decoder.process_raw(pcm, False, True)  # the whole utterance, so that its own mean is subtracted
        self._decoder.end_utt()
        heard = self._decoder.hyp()
        return spell_out(heard.hypstr) if heard is not None else ""


def spell_out(heard: str) -> str:
    """What the recogniser writes, with its abbreviations as they are spoken.

    >>> spell_out("mr. and mrs. smith")
    'mister and missus smith'
    """
    return " ".join(SPOKEN.get(word, word) for word in heard.split())
