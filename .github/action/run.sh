#!/usr/bin/env bash
# Calls tollgate with what the action was given. Every input comes in by a variable and leaves as one argument: no shell
# reads it. The program itself writes the step summary, annotations, outputs and the comment; here only its exit code is kept
# for the action's last step, and the outputs of a program that could not write them.
set -uo pipefail

output() { printf '%s=%s\n' "$1" "$2" >> "$GITHUB_OUTPUT"; }

# Ends the step, not the job: the last step of the action ends it with this code.
finish() {
    local code=$1
    # A run that said nothing is no pass, whatever its exit code.
    if [ "${TOLLGATE_COMMAND:-run}" = run ] && ! grep -Eq '^verdict(=|<<)' "$GITHUB_OUTPUT"; then
        output verdict error
        if [ "$code" = 0 ]; then
            echo "::error title=tollgate::the program ended well and said no verdict: was it told not to run, as by --help or --ci none?"
            code=3
            output exit-code 3
        fi
    fi
    if ! grep -Eq '^exit-code(=|<<)' "$GITHUB_OUTPUT"; then output exit-code "$code"; fi
    output code "$code"
    exit 0
}

# A relative path of the program is one from where the job is, not from the folder that it will run in.
program=${TOLLGATE_BINARY:-tollgate}
case "$program" in
    /*) ;;
    */*) program="$PWD/$program" ;;
esac
if ! cd -- "${TOLLGATE_DIRECTORY:-.}"; then
    echo "::error title=tollgate::working-directory: there is no such folder"
    finish 2
fi

# Later steps start in the job's folder: with `working-directory` they are told whole paths.
before=""
if [ "${TOLLGATE_DIRECTORY:-.}" != . ]; then before="$PWD/"; fi
whole() {
    case "$1" in
        /*) path=$1 ;;
        *) path=$before$1 ;;
    esac
}

command=${TOLLGATE_COMMAND:-run}
arguments=("$command")
more=()
ci=auto
while IFS= read -r line || [ -n "$line" ]; do
    line=${line%$'\r'}
    if [ -n "$line" ]; then more+=("$line"); fi
    case "$line" in --ci | --ci=*) ci="" ;; esac
done <<< "${TOLLGATE_ARGS:-}"
written() {
    whole "$2"
    if [ -n "$2" ]; then arguments+=(--output "$1=$path"); fi
}
if [ "$command" = run ]; then
    # Who says `--ci` in `args` says it alone.
    if [ -n "$ci" ]; then arguments+=(--ci "$ci"); fi
    if [ -n "${TOLLGATE_FAIL_ON:-}" ]; then arguments+=("--fail-on=$TOLLGATE_FAIL_ON"); fi
    whole "${TOLLGATE_REPORT:-tollgate-report}"
    report=$path
    # `html=x` is a folder here, and a report of that format to the program.
    case "$report" in
        /*) ;;
        *=*) report=./$report ;;
    esac
    arguments+=("--output=$report")
    written html "${TOLLGATE_HTML:-}"
    written json "${TOLLGATE_JSON:-}"
    written junit "${TOLLGATE_JUNIT:-}"
    written sarif "${TOLLGATE_SARIF:-}"
fi
# Only a run writes a comment; `promote` and others know no such option.
if [ "$command" = run ] && [ "${TOLLGATE_COMMENT:-off}" != off ]; then
    arguments+=("--comment=$TOLLGATE_COMMENT")
    export GITHUB_TOKEN="${TOLLGATE_GITHUB_TOKEN:-}"
fi
unset TOLLGATE_GITHUB_TOKEN
if [ "${TOLLGATE_SUMMARY:-true}" = false ]; then unset GITHUB_STEP_SUMMARY; fi
if [ "${#more[@]}" -gt 0 ]; then arguments+=("${more[@]}"); fi
case "$command" in
    run | plan) arguments+=(-- "${TOLLGATE_CONFIG:-tollgate.yaml}") ;;
esac

"$program" "${arguments[@]}"
code=$?
if [ -n "${report:-}" ] && [ -d "$report" ]; then
    folder=$(cd -- "$report" && pwd)
    # Programs of Windows do not know the paths of its bash.
    if command -v cygpath > /dev/null; then folder=$(cygpath -w "$folder"); fi
    # A name of two lines would be two outputs.
    case "$folder" in
        *$'\n'*) ;;
        *) output report-folder "$folder" ;;
    esac
fi
finish "$code"
