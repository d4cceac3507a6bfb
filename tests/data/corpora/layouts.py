"""Miniatures of public corpora, each laid out as its authors ship it, half a second of tone a recording."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import soundfile


def tone(path: Path, sample_rate_hz: int = 16_000, seconds: float = 0.5) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    times = np.arange(round(seconds * sample_rate_hz)) / sample_rate_hz
    soundfile.write(path, 0.1 * np.sin(2 * np.pi * 200 * times), sample_rate_hz)
    return path


def text(path: Path, content: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


def ljspeech(root: Path) -> Path:
    lines = (
        "LJ001-0001|£205.|Two hundred and five pounds.",
        'LJ001-0002|in being "comparatively" modern.|',
        "LJ001-0003|Lost.|Lost.",
    )
    text(root / "metadata.csv", "\n".join(lines) + "\n")
    for name in ("LJ001-0001", "LJ001-0002"):
        tone(root / "wavs" / f"{name}.wav", 22_050)
    return root


def libritts(root: Path) -> Path:
    for part, speaker in (("train-clean-100", "103"), ("dev-clean", "84"), ("test-clean", "61")):
        stem = root / part / speaker / "1240" / f"{speaker}_1240_000001_000000"
        tone(stem.with_suffix(".wav"), 24_000)
        text(stem.with_suffix(".normalized.txt"), "It was mister Lynde.")
        text(stem.with_suffix(".original.txt"), "It was Mr. Lynde.")
        text(stem.parent / f"{speaker}_1240.trans.tsv", "")
    return root


def vctk(root: Path) -> Path:
    for speaker in ("p225", "p315"):
        for microphone in ("mic1", "mic2"):
            tone(root / "wav48_silence_trimmed" / speaker / f"{speaker}_001_{microphone}.flac", 48_000)
    text(root / "txt" / "p225" / "p225_001.txt", "Please call Stella.\n")
    text(root / "speaker-info.txt", "ID  AGE  GENDER\n")
    return root


def aishell3(root: Path) -> Path:
    text(root / "train" / "content.txt", "SSB00050001.wav\t广 guang3 州 zhou1 女 nv3 大 da4\n")
    text(root / "test" / "content.txt", "SSB00730005.wav\t你 ni3 好 hao3 吗 ma5\n")
    text(root / "spk-info.txt", "# speaker\n")
    tone(root / "train" / "wav" / "SSB0005" / "SSB00050001.wav", 44_100)
    tone(root / "test" / "wav" / "SSB0073" / "SSB00730005.wav", 44_100)
    return root


def kss(root: Path, inner: str = "") -> Path:
    lines = (
        "1/1_0000.wav|그는 2시에 왔다.|그는 두 시에 왔다.|그는 두 시에 왔다.|1.5|He came at two.",
        "2/2_0001.wav|좋아요.|좋아요.|좋아요.|0.9|Good.",
    )
    text(root / "transcript.v.1.4.txt", "\n".join(lines))
    for line in lines:
        tone(root / inner / line.split("|")[0], 44_100)
    return root


MUSICCAPS_COLUMNS = (
    "ytid,start_s,end_s,audioset_positive_labels,aspect_list,caption,author_id,is_balanced_subset,is_audioset_eval"
)


def musiccaps(root: Path) -> Path:
    lines = (
        MUSICCAPS_COLUMNS,
        """-0Gj8-vB1q4,30,40,"/m/0140xf","['low quality', 'sad soft vocals']","A sad song, softly.",4,False,True""",
        """-0SdAVK79lg,1,11,"/m/0155w","['guitar song']","This song features
an electric guitar.",0,False,False""",
        """lost_lost_1,0,10,"/m/0155w","['gone']","Nobody has it.",0,False,False""",
    )
    text(root / "musiccaps-public.csv", "\n".join(lines) + "\n")
    tone(root / "wavs" / "[-0Gj8-vB1q4]-[30-40].wav", 44_100)
    tone(root / "wavs" / "-0SdAVK79lg.wav", 8_000, seconds=15)
    return root


def audiocraft(root: Path) -> Path:
    described = {
        "key": "C# minor",
        "bpm": 120.0,
        "genre": "electronic",
        "moods": ["dark", "cold"],
        "keywords": [],
        "description": "A cold techno track.",
        "instrument": "Mix",
        "title": "Night",
    }
    for part, name in (("train", "night"), ("train", "plain"), ("valid", "day")):
        tone(root / "audio" / f"{name}.wav", 32_000)
        line = json.dumps({"path": f"audio/{name}.wav", "duration": 0.5, "sample_rate": 32_000, "weight": None})
        place = root / "egs" / part / "data.jsonl"
        text(place, (place.read_text() if place.is_file() else "") + line + "\n")
    text(root / "audio" / "night.json", json.dumps(described))
    text(root / "audio" / "day.json", json.dumps({"key": None, "bpm": "fast", "description": "A bright song."}))
    return root


def fma(root: Path) -> Path:
    lines = (
        ",album,artist,set,set,track,track,track",
        ",title,name,split,subset,genre_top,license,title",
        "track_id,,,,,,,",
        "2,AWOL,AWOL,training,small,Hip-Hop,CC BY-NC-SA,Food",
        '10,"Constant, Hitmaker",Kurt Vile,test,small,Pop,,Freeway',
        "20,Niris,Nicky Cook,validation,large,,CC BY,Spiritual Level",
        "26,Niris,Nicky Cook,training,large,,CC BY,Lost",
    )
    text(root / "fma_metadata" / "tracks.csv", "\n".join(lines) + "\n")
    for number in ("000002", "000010", "000020"):
        tone(root / "fma_small" / "000" / f"{number}.mp3", 44_100)
    return root
