"""genai_tags in Nuke: menu, panel and badges. Nuke runs this file by its name, in the GUI only; it cannot raise."""

try:
    from genai_tags_nuke import start

    start.interface()
except Exception:
    import traceback

    for line in traceback.format_exc().splitlines():
        print("genai_tags: WARN no menu | " + line.replace("Error:", "Error -"))
