"""The composer: a seed and wishes in, a score out whose attributes are exactly those that were planned.

Form and density come first (`form.py`), then every part writes against them (`melody.py`, `parts.py`, `drums.py`), then
what the plan promises is made true: slots that nobody took are taken, drums lean as they should, and the last chord
reaches from the lowest note of all to the highest.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from octet.core.errors import InvalidInput
from octet.data.corpora.composer import drums, parts
from octet.data.corpora.composer.form import Measure, measures
from octet.data.corpora.composer.melody import Hit, melody
from octet.data.corpora.composer.plan import Part, Plan, draw
from octet.data.corpora.composer.styles import INSTRUMENTS
from octet.symbolic.attributes import POSITIONS_PER_QUARTER, STRONG_BEATS, Attributes, extract
from octet.symbolic.score import TICKS_PER_QUARTER, Key, Note, Score, Track, uninterrupted

_TICKS = TICKS_PER_QUARTER // POSITIONS_PER_QUARTER
_ATTEMPTS = 100  # a key is heard in the whole piece, and one piece in a dozen turns out to be in another
_SECTION_FORCE = {"intro": 0.88, "B": 1.05, "C": 1.08, "ending": 0.95}
_FILLERS = "dcmpb"  # roles by how well it suits them to take a slot that nobody took
_OBJECTIVE = tuple(name for name in Attributes.model_fields if name not in ("emotion", "genres", "artist"))

Band = dict[Part, list[Hit]]


@dataclass(frozen=True)
class Piece:
    """A composed score and all its attributes."""

    score: Score
    attributes: Attributes


def compose(wish: Attributes | None = None, *, seed: int = 0) -> Piece:
    """A piece with the wished attributes, and others that are chosen; the same for the same wish and seed.

    >>> piece = compose(Attributes(instruments=("piano", "violin"), metre="3/4", bars=8, mode="minor"), seed=1)
    >>> piece.attributes.instruments, piece.attributes.metre, len(piece.score.bars())
    (('piano', 'violin'), '3/4', 8)

    Raises:
        InvalidInput: wishes that contradict each other or that cannot be composed.
    """
    for attempt in range(_ATTEMPTS):
        piece = _attempt(wish or Attributes(), random.Random(f"piece {seed} {attempt}"))
        if agree(extract(piece.score), piece.attributes):
            return piece
    raise InvalidInput("no piece with these wishes came out; wish for more bars, another intensity or more octaves")


def agree(found: Attributes, planned: Attributes) -> bool:
    """Whether a score has the objective attributes that were planned."""
    return all(getattr(found, name) == getattr(planned, name) for name in _OBJECTIVE)


def _attempt(wish: Attributes, rng: random.Random) -> Piece:
    plan = draw(wish, rng)
    form = measures(plan, rng)
    band = {part: _play(part, plan, form, rng) for part in plan.parts}
    _fill(band, form, plan)
    _lean(band, form, plan)
    _span(band, form, plan)
    tracks = tuple(_track(part, hits, form, plan, rng) for part, hits in band.items())
    keys = () if plan.attributes.mode is None else (Key(0, plan.tonic, plan.attributes.mode),)
    return Piece(Score(tracks, (plan.tempo,), (plan.metre,), keys), plan.attributes)


def _play(part: Part, plan: Plan, form: Sequence[Measure], rng: random.Random) -> list[Hit]:
    """What a part plays by itself, within its range."""
    hits: list[Hit] = []
    if "m" in part.roles:
        alone = all(other.roles in ("d", part.roles) for other in plan.parts)
        hits += melody(form, part, plan, rng, rests=() if alone else ("intro",))
    if "c" in part.roles:
        hits += parts.chords(form, part, plan, _comping(plan, rng))
    if "b" in part.roles:
        hits += parts.bass(form, part, plan, rng.choice(plan.style.bass_lines))
    if "p" in part.roles:
        hits += parts.long_notes(form, part, plan, rng)
    if "d" in part.roles:
        return drums.drums(form, plan.style.groove)
    return _once([hit._replace(pitch=_folded(hit.pitch, part)) for hit in hits])


def _comping(plan: Plan, rng: random.Random) -> str:
    allowed = [pattern for pattern in plan.style.comping if not plan.mood.comping or pattern in plan.mood.comping]
    return rng.choice(allowed or plan.mood.comping)


def _folded(pitch: int, part: Part) -> int:
    """The octave of a pitch that a part can play, the nearest one."""
    while pitch < part.low:
        pitch += 12
    while pitch > part.high:
        pitch -= 12
    return pitch


def _once(hits: Sequence[Hit]) -> list[Hit]:
    """No pitch twice at a time."""
    return list({(hit.start, hit.pitch): hit for hit in hits}.values())


def _fill(band: Band, form: Sequence[Measure], plan: Plan) -> None:
    """Take every slot that nobody took, so that the music is as dense as planned."""
    if plan.attributes.intensity == "low":
        return
    part = min(band, key=lambda part: _FILLERS.index(part.roles[-1]))
    taken = {hit.start for hits in band.values() for hit in hits}
    filled: list[Hit] = []
    for measure, bar in zip(form, _by_measure(band[part], form), strict=True):
        for slot in measure.slots:
            if measure.start + slot not in taken:
                bar = _struck_at(measure.start + slot, bar, part, measure, plan)
        filled += bar
    band[part] = filled


def _by_measure(hits: Sequence[Hit], form: Sequence[Measure]) -> list[list[Hit]]:
    """Hits bar by bar; none sounds into the next one."""
    bars: list[list[Hit]] = [[] for _ in form]
    for hit in hits:
        bars[hit.start // form[0].length].append(hit)
    return bars


def _struck_at(position: int, hits: Sequence[Hit], part: Part, measure: Measure, plan: Plan) -> list[Hit]:
    """With a note more at a position: time-keeping of drums, or one of the notes that sound there is struck again."""
    if part.roles == "d":
        return [*hits, Hit(position, 2, drums.keeper(plan.style.groove), 0.7)]
    sounding = [hit for hit in hits if hit.start < position < hit.start + hit.length]
    if not sounding:
        room = min((hit.start for hit in hits if hit.start > position), default=measure.start + measure.length)
        pitch = _folded(plan.tonic + 60 + measure.chord.root, part)
        return [*hits, Hit(position, max(1, min(room - position, 6)), pitch, 0.7)]
    struck = sounding[position // 3 % len(sounding)]
    rest = struck.start + struck.length - position
    pitch = struck.pitch if len(sounding) > 1 else _broken(struck.pitch, position, part, measure, plan)
    cut = [hit._replace(length=position - hit.start) if hit is struck else hit for hit in hits]
    return [*cut, Hit(position, rest, pitch, struck.force * 0.9)]


def _broken(pitch: int, position: int, part: Part, measure: Measure, plan: Plan) -> int:
    """Another note of the chord near one, up and down by turns, or the same where there is none."""
    upward = position // 3 % 2 == 0
    near = range(1, 6) if upward else range(-1, -6, -1)
    tones = (pitch + step for step in near if (pitch + step - plan.tonic) % 12 in measure.chord.tones)
    return next((tone for tone in tones if part.low <= tone <= part.high), pitch)


def _lean(band: Band, form: Sequence[Measure], plan: Plan) -> None:
    danceable = plan.attributes.danceable
    for part in [part for part in band if part.roles == "d"]:
        if danceable is not None:
            others = {hit.start for other, hits in band.items() if other != part for hit in hits}
            band[part] = drums.lean(band[part], form, STRONG_BEATS[plan.metre.name], danceable, others)


def _span(band: Band, form: Sequence[Measure], plan: Plan) -> None:
    """Let the last chord reach from the lowest note of all to the highest: the range is planned exactly."""
    pitched = [part for part in band if part.roles != "d"]
    if pitched:
        bottom = min(pitched, key=lambda part: ("b" not in part.roles, part.low))
        top = max((part for part in pitched if part != bottom), key=lambda part: part.high, default=bottom)
        last = form[-1].start + (form[-1].hold or 0)
        band[top] = _with_pitch(band[top], last, plan.top, highest=True)
        alone = bottom == top and len([hit for hit in band[top] if hit.start == last]) == 1
        earlier = [hit.start for hit in band[bottom] if hit.start < last]
        if plan.lowest != plan.top:
            band[bottom] = _with_pitch(
                band[bottom], max(earlier) if alone and earlier else last, plan.lowest, highest=False
            )


def _with_pitch(hits: Sequence[Hit], start: int, pitch: int, *, highest: bool) -> list[Hit]:
    """Notes of which the highest, or the lowest, of those at a time has another pitch."""
    there = sorted((hit for hit in hits if hit.start == start), key=lambda hit: hit.pitch)
    changed = there[-1] if highest else there[0]
    return _once([hit._replace(pitch=pitch) if hit is changed else hit for hit in hits])


def _track(part: Part, hits: Sequence[Hit], form: Sequence[Measure], plan: Plan, rng: random.Random) -> Track:
    """The notes of a part with their strength; the last ones sound to the end."""
    end, last = form[-1].start + form[-1].length, form[-1].start + (form[-1].hold or 0)
    forces: Mapping[int, float] = {
        measure.start // plan.bar_positions: _SECTION_FORCE.get(measure.section, 1.0) for measure in form
    }
    mean = plan.mood.velocity * INSTRUMENTS[part.name].force
    notes = []
    for hit in sorted(hits):
        force = mean * hit.force * forces[hit.start // plan.bar_positions] + rng.uniform(-4, 4)
        length = end - hit.start if hit.start == last else hit.length
        velocity = min(max(round(force), 1), 127)
        notes.append(Note(hit.start * _TICKS, hit.pitch, min(length, end - hit.start) * _TICKS, velocity))
    return Track(part.program, tuple(uninterrupted(notes)), part.roles == "d", part.name)
