#!/bin/sh
# Sets Pentimento up where that is still to be done, then runs its tests, from the top of the checkout:
#   sh packaging/test.sh [pytest's arguments]
set -eu
here=$(dirname -- "$(readlink -f -- "$0")")
# shellcheck source=packaging/setup.sh
. "$here/setup.sh"

export QT_QPA_PLATFORM="${QT_QPA_PLATFORM:-offscreen}"
ready tests
cd "$top"
exec "$python" -P -m pytest "$@"
