"""What a draw decides: a fixed, append-only list.

The number is half of a draw's identity (the other half is the key), so a number once used keeps its meaning for ever
and a new decision takes the next free one. Numbers from 1000 on are for extensions (`EXTENSION` + any number).
"""

from __future__ import annotations

from typing import Final

# Lineages: the branches on which keys grow.
BACKGROUND: Final = 1
IMPORTED: Final = 2
EACH: Final = 3
DAILY: Final = 5
VICTIM: Final = 6
SITE: Final = 7
POST: Final = 8
TENURE: Final = 9
CLIENT: Final = 10
DEVIATION: Final = 11
SURVEY: Final = 12
RETALIATIONS: Final = 13
CONTAGIONS: Final = 14

# Ignition, and candidates of every stream
COUNT: Final = 20
HEIGHT: Final = 21
DURATION: Final = 22
HEAD_HOUR: Final = 23
INSTIGATOR_LAYER: Final = 24
INSTIGATOR_PICK: Final = 25
INSTIGATOR_ALIAS: Final = 26
RELATION: Final = 27
RIVAL_CREW: Final = 28
OPPONENT_PICK: Final = 29
STRANGER_LAYER: Final = 30
STRANGER_PICK: Final = 31
STRANGER_ALIAS: Final = 32
KIN_KEPT: Final = 33

# Shift
SURFACE_HOUR: Final = 40
DETECT: Final = 41
MEDIATE: Final = 42
FOLLOW_UP: Final = 43
RESPITE: Final = 44
CONTACT: Final = 45
CONTACT_OF: Final = 46
CONTACT_TIE: Final = 47
RECRUIT: Final = 48
RECRUIT_PICK: Final = 49
VISIT_DAY: Final = 50
REFER: Final = 51  # 51 to 55: one for each kind of service
RECRUIT_STAY: Final = 56

# Staff
STAY: Final = 60
VACANCY: Final = 61
CREDIBILITY: Final = 62
FIRST_KNOWN: Final = 63
FIRST_KNOWN_ALIAS: Final = 64
FIDELITY: Final = 65

# Head and harm
SHOOT: Final = 70
VICTIMS: Final = 71
FATAL: Final = 72
COMPANION: Final = 73
COMPANION_PICK: Final = 74
RESPONDED: Final = 75

# Exposure
SOURCE: Final = 82
TIE: Final = 83
LAG: Final = 85
ROLE: Final = 86
AGAINST: Final = 87
ROUTE: Final = 88

# Course and survey
CITY_YEAR: Final = 90
PRECINCT_YEAR: Final = 91
RESPONDENT: Final = 92
PARAMETER: Final = 93

EXTENSION: Final = 1000
