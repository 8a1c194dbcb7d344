"""``python -m genai_tags``: the command line, where no script is installed."""

from genai_tags.cli import main

if __name__ == "__main__":
    main()
