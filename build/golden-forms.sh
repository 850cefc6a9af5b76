#!/bin/sh
# Reads instructions in LLVM's text, one a line; prints each with its bytes for little and for big
# endian, as llvm-mc 22 encodes it:
#   cut -f1 forms.tsv | grep -v '^#' | build/golden-forms.sh > forms.tsv
set -eu
mc=${LLVM_MC:-llvm-mc-22}
hex() {
  printf '%s\n' "$2" | "$mc" -triple "$1" -mcpu=v4 -show-encoding |
    grep -o 'encoding: \[[^]]*\]' | grep -o '0x[0-9a-f]*' | sed 's/0x//' | tr -d '\n'
}
echo "# LLVM text, bytes for bpfel, bytes for bpfeb; made by build/golden-forms.sh with llvm-mc 22"
while IFS= read -r text; do
  printf '%s\t%s\t%s\n' "$text" "$(hex bpfel "$text")" "$(hex bpfeb "$text")"
done
