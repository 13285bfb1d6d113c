# bash completion for avalign
_avalign() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
    if [ "$COMP_CWORD" = 1 ]; then
        COMPREPLY=($(compgen -W "analyze embed enroll verify batch submit worker queue selftest eval doctor models features --help --version" -- "$cur")); return
    fi
    case $prev in
        --only | --except) COMPREPLY=($(compgen -W "lipsync viseme speaker emotion authenticity artifacts verdict" -- "$cur")); return ;;
        --profile) COMPREPLY=($(compgen -W "seed bt1359-detect bt1359-accept ebu-r37 atsc-is191 film" -- "$cur")); return ;;
        --progress) COMPREPLY=(json); return ;;
        --policy) COMPREPLY=($(compgen -W "seed calibrated" -- "$cur") $(compgen -f -- "$cur")); return ;;
        --marks) COMPREPLY=($(compgen -W "vtt= edl= csv= rttm= textgrid= otio= sarif= ass=" -- "$cur")); return ;;
        --models | --out) COMPREPLY=($(compgen -d -- "$cur")); return ;;
    esac
    case ${COMP_WORDS[1]}:$cur in
        analyze:-*) COMPREPLY=($(compgen -W "--json --html --overlay --marks --policy --only --except --tracks --transcript --lse --audio-stream --video-stream --profile --flag-at --max-duration --max-faces --threads --models --allow-network --live --window --sandbox --progress --quiet --help" -- "$cur")) ;;
        batch:-*) COMPREPLY=($(compgen -W "--out --html --jobs --timeout --memory --retry-failed --since --sandbox --only --policy --models --quiet --help" -- "$cur")) ;;
        submit:-*) COMPREPLY=($(compgen -W "--queue --credentials --name --only --policy --html --quiet --help" -- "$cur")) ;;
        worker:-*) COMPREPLY=($(compgen -W "--queue --credentials --name --out --root --threads --timeout --memory --renew --idle-exit --no-sandbox --models --quiet --help" -- "$cur")) ;;
        queue:-*) COMPREPLY=($(compgen -W "--queue --credentials --name --out --json --retry --drop --help" -- "$cur")) ;;
        queue:*) COMPREPLY=($(compgen -W "status collect dead" -- "$cur")) ;;
        selftest:-*) COMPREPLY=($(compgen -W "--degrade --keep --only --policy --models --help" -- "$cur")) ;;
        eval:-*) COMPREPLY=($(compgen -W "--results --markdown --html --only --policy --jobs --models --help" -- "$cur")) ;;
        embed:-*) COMPREPLY=($(compgen -W "--quick --models --threads --help" -- "$cur")) ;;
        enroll:-*) COMPREPLY=($(compgen -W "--out --key --models --threads --help" -- "$cur")) ;;
        verify:-*) COMPREPLY=($(compgen -W "--reference --key --models --threads --help" -- "$cur")) ;;
        features:-*) COMPREPLY=($(compgen -W "--out --models --threads --help" -- "$cur")) ;;
        models:*) COMPREPLY=($(compgen -W "list verify --models" -- "$cur")) ;;
        *) COMPREPLY=($(compgen -f -- "$cur")) ;;
    esac
}
complete -o filenames -F _avalign avalign
