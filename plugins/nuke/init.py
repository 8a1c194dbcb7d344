"""genai_tags in Nuke: what GUI, farm and terminal share. Nuke runs this file by its name; it cannot raise."""

try:
    import os
    import sys

    HERE = os.path.dirname(os.path.abspath(__file__))
    if sys.path[:1] != [HERE]:
        sys.path.insert(0, HERE)  # before any other copy of genai_tags that a pipeline brings
    from genai_tags_nuke import start

    start.callbacks()
except Exception:
    import traceback

    # Farm managers take "Error:" in a log for a failed task, and this is none.
    for line in traceback.format_exc().splitlines():
        print("genai_tags: WARN not loaded | " + line.replace("Error:", "Error -"))
