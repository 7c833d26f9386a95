"""The most that is taken from a file of any format."""

LARGEST = 50_000_000
"The most bytes a file may have, packed or unpacked."
MOST = 5_000_000
"The most numbers taken from a file."
WIDEST = 10_000
"The most names in a file, and the most cells in a line of CSV."
LONGEST_NAME = 100
"The most characters in a name."
