"""Four quiet themes of our own: calm and high contrast, each dark and light. Nothing on screen is told by colour alone."""

from textual.theme import Theme

_ON = "kansli-on-primary"

THEMES = (
    Theme(
        name="kansli-calm-dark",
        primary="#5f8fb4",
        secondary="#7f9a8c",
        accent="#8fa6c4",
        warning="#d3a85c",
        error="#e08a80",
        success="#8fbf92",
        foreground="#d6dade",
        background="#15191d",
        surface="#1d2328",
        panel="#232b32",
        boost="#2b353d",
        dark=True,
        variables={_ON: "#0c1014", "block-cursor-blurred-background": "#2b353d"},
    ),
    Theme(
        name="kansli-calm-light",
        primary="#2f5f86",
        secondary="#4b6b5c",
        accent="#3f6486",
        warning="#8a5a00",
        error="#a3322a",
        success="#2f6b3a",
        foreground="#1e252b",
        background="#f6f7f5",
        surface="#ebeeec",
        panel="#e0e5e6",
        boost="#d5dcde",
        dark=False,
        variables={_ON: "#ffffff", "block-cursor-blurred-background": "#d5dcde"},
    ),
    Theme(
        name="kansli-contrast-dark",
        primary="#ffd75f",
        secondary="#ffffff",
        accent="#5fd7ff",
        warning="#ffaf00",
        error="#ff8787",
        success="#87ff87",
        foreground="#ffffff",
        background="#000000",
        surface="#000000",
        panel="#262626",
        boost="#3a3a3a",
        dark=True,
        variables={_ON: "#000000", "block-cursor-blurred-background": "#3a3a3a"},
    ),
    Theme(
        name="kansli-contrast-light",
        primary="#00005f",
        secondary="#000000",
        accent="#00005f",
        warning="#5f3700",
        error="#870000",
        success="#004b00",
        foreground="#000000",
        background="#ffffff",
        surface="#ffffff",
        panel="#e4e4e4",
        boost="#d0d0d0",
        dark=False,
        variables={_ON: "#ffffff", "block-cursor-blurred-background": "#d0d0d0"},
    ),
)

NAMES = {
    "kansli-calm-dark": "Calm colours, dark",
    "kansli-calm-light": "Calm colours, light",
    "kansli-contrast-dark": "High contrast, dark",
    "kansli-contrast-light": "High contrast, light",
}
"""Theme → message id of its name."""
