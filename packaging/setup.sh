# shellcheck shell=sh
# shellcheck disable=SC2015,SC2154  # A && B || fail is meant; `here` is the caller's
# Makes the checkout ready to run. Sourced (POSIX sh) by run.sh and test.sh, which set `here` to this
# folder; they call `ready LEVEL`:
#   tools    commands without a window
#   window   also the libraries that open a window, and a font
#   tests    also the test extra and, where they can be had, Xvfb and what opens a window on it
# What is printed goes to stderr, so that `run.sh fill … --json` prints nothing but its JSON.

top=$(dirname -- "$here")
venv=$top/.venv
python=$venv/bin/python
# Packages of another Python, from the user's own environment, would come before ours.
unset PYTHONPATH PYTHONHOME

say() { printf '%s\n' "$*" >&2; }

fail() {
    say "error: $*"
    exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# What a finished set-up depends on, in one line: a moved checkout or a changed pin is set up again.
stamp() {
    sum=$(cat "$top/pyproject.toml" "$here/constraints.txt" "$here/setup.sh" "$here/probe.py" | cksum)
    printf '%s %s\n' "$sum" "$top"
}

is_ready() {
    # A Python taken away by an upgrade of the system leaves a link that leads nowhere.
    [ -x "$python" ] && [ -f "$venv/.ready-$1" ] || return 1
    IFS= read -r written <"$venv/.ready-$1"
    [ "$written" = "$(stamp)" ]
}

ready() {
    ! is_ready "$1" || return 0
    # Two set-ups at once would write over each other: the second waits, and finds the work done.
    (
        if have flock && ! flock -n 9; then
            say "Another set-up is running: waiting for it to end."
            flock 9
        fi
        is_ready "$1" || set_up "$1"
    ) 9<"$here/setup.sh" || exit 1
}

set_up() {
    say "Setting up Pentimento in $venv (once; needs the network)."
    make_environment "$1"
    install_python_packages "$1"
    check_libraries "$1"
    say "Compiling the patch search and the denoiser."
    (cd "$top" && "$python" -P -m editor.engines.patches.warming) || fail "the patch search could not be compiled (see above)."
    (cd "$top" && "$python" -P -m editor.engines.kriging.warming) || fail "the mending of specks could not be compiled (see above)."
    (cd "$top" && "$python" -P -m editor.restoration.denoising.warming) || fail "the denoiser could not be compiled (see above)."
    # Written last: a set-up that was interrupted is taken up again by the next start.
    for level in tools "$1"; do
        stamp >"$venv/.ready-$level"
    done
    say "Ready."
}

make_environment() {
    mkdir -p "$venv" 2>/dev/null && [ -w "$venv" ] || fail "cannot write to $venv"
    # A package's metadata is unpacked last: with it, pip is whole.
    if "$python" -c 'import sys; from importlib.metadata import version
sys.exit(not version("pip") or sys.version_info < (3, 11))' 2>/dev/null; then
        return
    fi
    if ! find_python && have apt-get; then
        # shellcheck disable=SC2046  # lists of package names
        install_packages $(python_packages) $(library_packages "$1") || :
        find_python || :
    fi
    [ -n "$interpreter" ] || fail "no Python 3.11 or newer with its venv module.${advice:- Please install one.}"
    "$interpreter" -m venv --clear "$venv" >&2 || fail "$interpreter could not make an environment in $venv"
}

# Leaves in `interpreter` a Python that can make an environment, by its real path: `python3` itself
# may be another version tomorrow.
find_python() {
    for name in python3.13 python3.12 python3.11 python3; do
        interpreter=$("$name" -c 'import ensurepip, os, sys, venv
print(os.path.realpath(sys.executable) if sys.version_info >= (3, 11) else "")' 2>/dev/null) || interpreter=
        [ -z "$interpreter" ] || return 0
    done
    return 1
}

python_packages() {
    [ "$(id -u)" != 0 ] || apt-get update -qq >&2 || :
    for name in python3.13 python3.12 python3.11; do
        if apt-cache show "$name-venv" >/dev/null 2>&1; then
            echo "$name" "$name-venv"
            return
        fi
    done
    echo python3 python3-venv
}

# What the Qt, OpenCV and OpenImageIO wheels expect of a Debian or Ubuntu system.
library_packages() {
    echo libglib2.0-0
    [ "$1" = tools ] || echo libegl1 libgl1 libxkbcommon0 libfontconfig1 libdbus-1-3 \
        libx11-xcb1 libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 \
        libxcb-randr0 libxcb-render-util0 libxcb-shape0 libxcb-sync1 libxcb-xfixes0 \
        libwayland-cursor0 libwayland-egl1 fonts-dejavu-core
    [ "$1" != tests ] || echo xvfb xauth
}

# Installs those of the packages that are missing: as root at once, as a user at a terminal after
# asking. Otherwise false, with the command to type in `advice`.
install_packages() {
    advice=
    missing=
    for package; do
        # Since 2024 some libraries' packages end in t64.
        dpkg-query -W -f '${Status}\n' "$package" "${package}t64" 2>/dev/null | grep -q '^install ok' ||
            missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    advice=" Install what is missing, then start again:
    sudo apt-get install$missing"
    # A third party's list that cannot be read must not stop the rest, hence `;`.
    install="apt-get update -qq; DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
        --no-install-recommends -o DPkg::Lock::Timeout=120$missing"
    if [ "$(id -u)" = 0 ]; then
        say "Installing system packages:$missing"
        sh -c "$install" >/dev/null && advice=
    elif have sudo && [ -t 0 ] && [ -t 2 ]; then
        say "These system packages are missing:$missing"
        printf 'Install them now with sudo? [Y/n] ' >&2
        read -r answer || return 1
        case $answer in
            [Nn]*) return 1 ;;
        esac
        sudo sh -c "$install" >/dev/null && advice=
    else
        return 1
    fi
}

pip() { (cd "$top" && "$python" -m pip --disable-pip-version-check --no-input -qq "$@" >&2); }

install() { pip install -c packaging/constraints.txt "$@"; }

install_python_packages() {
    say "Installing Python packages: the first time some 500 MB, with PyTorch for a GPU 3 GB."
    extras=networks
    [ "$1" != tests ] || extras=networks,test
    problem="the Python packages could not be installed (see above). Is there a network? Start again to go on."
    # The checkout itself is built with it below; torch wants it too.
    install setuptools || fail "$problem"
    if have nvidia-smi && nvidia-smi >/dev/null 2>&1; then
        # The graphics card may have come later than the first set-up.
        ! ls "$venv"/lib/python*/site-packages/torch-*+cpu.dist-info >/dev/null 2>&1 || pip uninstall -y torch
    elif [ "$(uname)" = Linux ]; then
        # Only PyTorch's own index has the build for the processor alone; the usual one's brings CUDA.
        install --no-deps --timeout 10 --retries 0 --index-url https://download.pytorch.org/whl/cpu torch \
            2>/dev/null || say "PyTorch's own index does not answer: taking the build with CUDA."
    fi
    # "compat" writes a plain path into .venv; the other modes run a finder at every start (15 ms).
    install --no-build-isolation --config-settings editable_mode=compat -e ".[$extras]" || fail "$problem"
}

check_libraries() {
    if loads "$1" >/dev/null && { [ "$1" != tests ] || can_open_windows; }; then
        return
    fi
    if have apt-get; then
        # shellcheck disable=SC2046  # a list of package names
        install_packages $(library_packages "$1") || :
    fi
    reason=$(loads "$1") || fail "a part of the system is missing: $reason.${advice:-}"
}

# Whether a test could open a real window, on a screen of its own.
can_open_windows() { have Xvfb && QT_QPA_PLATFORM=xcb "$python" "$here/probe.py" tests >/dev/null; }

# Prints what is missing. Loading is the one check that holds on every distribution.
loads() { "$python" "$here/probe.py" "$1"; }
