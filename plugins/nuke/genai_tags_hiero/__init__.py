"""genai_tags inside Hiero and Nuke Studio: tags on track items and clips, drawn by the application itself."""
