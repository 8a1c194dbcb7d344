"""genai_tags in Hiero and Nuke Studio: run at start from HIERO_PLUGIN_PATH; it cannot raise."""

try:
    import os
    import sys

    HERE = os.path.abspath(__file__)
    for _ in range(4):
        HERE = os.path.dirname(HERE)
    if HERE not in sys.path:
        sys.path.insert(0, HERE)
    from genai_tags_hiero import start

    start.register()
except Exception:
    import traceback

    for line in traceback.format_exc().splitlines():
        print("genai_tags: WARN not loaded | " + line.replace("Error:", "Error -"))
