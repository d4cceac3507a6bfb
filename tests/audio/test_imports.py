"""The audio floor is light: only spectrograms need torch, which takes seconds to import."""

import subprocess
import sys


def test_files_waveforms_and_pitch_start_without_torch():
    rooms = ["files", "waveform", "resample", "pitch", "world", "loudness"]
    imports = "; ".join(f"import octet.audio.{room}" for room in rooms)
    heavy = ("torch", "pyworld", "huggingface_hub", "scipy")
    program = f"import sys; {imports}; import octet.core.hub; print([m for m in {heavy} if m in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
