#!/bin/sh
# Puts Pentimento, as it stands in this checkout, into the desktop's menu and its "Open with":
#   sh packaging/desktop.sh
set -eu
here=$(dirname -- "$(readlink -f -- "$0")")
# shellcheck source=packaging/setup.sh
. "$here/setup.sh"

case $top in
    *[\"\`\$%\&\|\\]*) fail "a desktop entry cannot name $top: move the checkout" ;;
esac
# Started from a menu there is no terminal to ask in, so what must be installed is installed now.
ready window
folder=${XDG_DATA_HOME:-$HOME/.local/share}/applications
mkdir -p "$folder"
sed "s|@TOP@|$top|" "$here/pentimento.desktop" >"$folder/pentimento.desktop"
say "Written: $folder/pentimento.desktop"
