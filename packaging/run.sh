#!/bin/sh
# Sets Pentimento up where that is still to be done, then starts it:
#   sh packaging/run.sh [PHOTO | PROJECT.ora]
#   sh packaging/run.sh fill PHOTO --mask MASK -o OUT
set -eu
here=$(dirname -- "$(readlink -f -- "$0")")
# shellcheck source=packaging/setup.sh
. "$here/setup.sh"

case ${1-} in
    fill | find-damage | restore | engines | models | evaluate | train | -h | --help | --version) ready tools ;;
    *) ready window ;;
esac
# -P: the folder it is started from holds photographs, not modules to import.
exec "$python" -P -m editor "$@"
