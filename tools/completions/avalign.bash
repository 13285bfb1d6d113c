# bash completion for avalign; written from the option table by tools/completions/update.sh
_avalign() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
    if [ "$COMP_CWORD" = 1 ]; then
        COMPREPLY=($(compgen -W "analyze embed enroll verify emotion batch submit worker queue selftest eval doctor models features fix serve --help --version" -- "$cur")); return
    fi
    case ${COMP_WORDS[1]}:$prev in
        analyze:--json) COMPREPLY=($(compgen -f -- "$cur")); return ;;
        analyze:--html) COMPREPLY=($(compgen -f -- "$cur")); return ;;
        eval:--html) COMPREPLY=($(compgen -f -- "$cur")); return ;;
        analyze:--case) COMPREPLY=($(compgen -f -- "$cur")); return ;;
        analyze:--marks) COMPREPLY=($(compgen -W "vtt= edl= csv= rttm= textgrid= otio= sarif= ass= words-vtt= words-srt=" -- "$cur")); return ;;
        analyze:--overlay) COMPREPLY=($(compgen -f -- "$cur")); return ;;
        batch:--out | queue:--out) COMPREPLY=($(compgen -d -- "$cur")); return ;;
        worker:--out) COMPREPLY=($(compgen -d -- "$cur")); return ;;
        features:--out) COMPREPLY=($(compgen -d -- "$cur")); return ;;
        fix:--out) COMPREPLY=($(compgen -f -- "$cur")); return ;;
        batch:--fix) COMPREPLY=($(compgen -d -- "$cur")); return ;;
        fix:--offset) COMPREPLY=(); return ;;
        enroll:--out) COMPREPLY=($(compgen -f -- "$cur")); return ;;
        serve:--out) COMPREPLY=($(compgen -d -- "$cur")); return ;;
        serve:--port) COMPREPLY=(); return ;;
        serve:--host) COMPREPLY=(); return ;;
        serve:--max-file) COMPREPLY=(); return ;;
        serve:--max-total) COMPREPLY=(); return ;;
        serve:--expire) COMPREPLY=(); return ;;
        analyze:--only | batch:--only | submit:--only | selftest:--only | eval:--only | serve:--only) COMPREPLY=($(compgen -W "lipsync lse viseme speaker emotion authenticity artifacts mouth verdict" -- "$cur")); return ;;
        analyze:--except | batch:--except | submit:--except | selftest:--except | eval:--except | serve:--except) COMPREPLY=($(compgen -W "lipsync lse viseme speaker emotion authenticity artifacts mouth verdict" -- "$cur")); return ;;
        analyze:--tracks) COMPREPLY=($(compgen -f -- "$cur")); return ;;
        analyze:--transcript) COMPREPLY=($(compgen -f -- "$cur")); return ;;
        analyze:--audio-stream | batch:--audio-stream | submit:--audio-stream | selftest:--audio-stream | eval:--audio-stream | fix:--audio-stream | serve:--audio-stream) COMPREPLY=(); return ;;
        analyze:--video-stream | batch:--video-stream | submit:--video-stream | selftest:--video-stream | eval:--video-stream | fix:--video-stream | serve:--video-stream) COMPREPLY=(); return ;;
        analyze:--profile | batch:--profile | submit:--profile | selftest:--profile | eval:--profile | serve:--profile) COMPREPLY=($(compgen -W "seed bt1359-detect bt1359-accept ebu-r37 atsc-is191 film" -- "$cur")); return ;;
        analyze:--policy | batch:--policy | submit:--policy | selftest:--policy | eval:--policy | serve:--policy) COMPREPLY=($(compgen -W "seed calibrated" -- "$cur") $(compgen -f -- "$cur")); return ;;
        analyze:--flag-at | batch:--flag-at | submit:--flag-at | selftest:--flag-at | eval:--flag-at | serve:--flag-at) COMPREPLY=(); return ;;
        analyze:--max-duration | batch:--max-duration | submit:--max-duration | selftest:--max-duration | eval:--max-duration | serve:--max-duration) COMPREPLY=(); return ;;
        analyze:--max-faces | batch:--max-faces | submit:--max-faces | selftest:--max-faces | eval:--max-faces | serve:--max-faces) COMPREPLY=(); return ;;
        enroll:--key | verify:--key) COMPREPLY=($(compgen -f -- "$cur")); return ;;
        verify:--reference) COMPREPLY=($(compgen -f -- "$cur")); return ;;
        submit:--queue | worker:--queue | queue:--queue) COMPREPLY=(); return ;;
        submit:--credentials | worker:--credentials | queue:--credentials) COMPREPLY=($(compgen -f -- "$cur")); return ;;
        submit:--name | worker:--name | queue:--name) COMPREPLY=(); return ;;
        worker:--root) COMPREPLY=($(compgen -d -- "$cur")); return ;;
        selftest:--degrade) COMPREPLY=($(compgen -f -- "$cur")); return ;;
        selftest:--keep) COMPREPLY=($(compgen -d -- "$cur")); return ;;
        eval:--results) COMPREPLY=($(compgen -d -- "$cur")); return ;;
        eval:--markdown) COMPREPLY=($(compgen -f -- "$cur")); return ;;
        batch:--jobs | eval:--jobs | serve:--jobs) COMPREPLY=(); return ;;
        batch:--timeout | worker:--timeout | serve:--timeout) COMPREPLY=(); return ;;
        batch:--memory | worker:--memory | serve:--memory) COMPREPLY=(); return ;;
        worker:--renew) COMPREPLY=(); return ;;
        worker:--idle-exit) COMPREPLY=(); return ;;
        batch:--since) COMPREPLY=(); return ;;
        analyze:--threads | embed:--threads | enroll:--threads | verify:--threads | emotion:--threads | worker:--threads | features:--threads | fix:--threads) COMPREPLY=(); return ;;
        analyze:--models | embed:--models | enroll:--models | verify:--models | emotion:--models | batch:--models | worker:--models | selftest:--models | eval:--models | doctor:--models | models:--models | features:--models | fix:--models | serve:--models) COMPREPLY=($(compgen -d -- "$cur")); return ;;
        analyze:--window) COMPREPLY=(); return ;;
        analyze:--progress) COMPREPLY=($(compgen -W "json" -- "$cur")); return ;;
    esac
    case ${COMP_WORDS[1]}:$cur in
        analyze:-*) COMPREPLY=($(compgen -W "--json --html --case --checksums --marks --overlay --only --except --tracks --lse --transcribe --timings --transcript --audio-stream --video-stream --profile --policy --flag-at --max-duration --max-faces --threads --models --allow-network --live --window --sandbox --progress --quiet --help" -- "$cur")) ;;
        embed:-*) COMPREPLY=($(compgen -W "--quick --threads --models --help" -- "$cur")) ;;
        enroll:-*) COMPREPLY=($(compgen -W "--out --quick --key --threads --models --help" -- "$cur")) ;;
        verify:-*) COMPREPLY=($(compgen -W "--quick --key --reference --threads --models --help" -- "$cur")) ;;
        emotion:-*) COMPREPLY=($(compgen -W "--crop --threads --models --help" -- "$cur")) ;;
        batch:-*) COMPREPLY=($(compgen -W "--html --out --fix --dry-run --only --except --lse --transcribe --audio-stream --video-stream --profile --policy --flag-at --max-duration --max-faces --jobs --timeout --memory --retry-failed --since --models --sandbox --quiet --help" -- "$cur")) ;;
        submit:-*) COMPREPLY=($(compgen -W "--html --only --except --lse --transcribe --audio-stream --video-stream --profile --policy --flag-at --max-duration --max-faces --queue --credentials --name --quiet --help" -- "$cur")) ;;
        worker:-*) COMPREPLY=($(compgen -W "--out --queue --credentials --name --root --timeout --memory --renew --idle-exit --threads --models --no-sandbox --quiet --help" -- "$cur")) ;;
        queue:-*) COMPREPLY=($(compgen -W "--json --out --queue --credentials --name --retry --drop --help" -- "$cur")) ;;
        selftest:-*) COMPREPLY=($(compgen -W "--only --except --lse --transcribe --audio-stream --video-stream --profile --policy --flag-at --max-duration --max-faces --degrade --keep --models --help" -- "$cur")) ;;
        eval:-*) COMPREPLY=($(compgen -W "--html --only --except --lse --transcribe --audio-stream --video-stream --profile --policy --flag-at --max-duration --max-faces --results --markdown --jobs --models --help" -- "$cur")) ;;
        doctor:-*) COMPREPLY=($(compgen -W "--models --help" -- "$cur")) ;;
        models:-*) COMPREPLY=($(compgen -W "--models --help" -- "$cur")) ;;
        features:-*) COMPREPLY=($(compgen -W "--out --encoder --threads --models --help" -- "$cur")) ;;
        fix:-*) COMPREPLY=($(compgen -W "--json --out --dry-run --offset --audio-stream --video-stream --threads --models --help" -- "$cur")) ;;
        serve:-*) COMPREPLY=($(compgen -W "--out --port --host --max-file --max-total --expire --only --except --lse --transcribe --audio-stream --video-stream --profile --policy --flag-at --max-duration --max-faces --jobs --timeout --memory --models --no-sandbox --quiet --help" -- "$cur")) ;;
        models:*) COMPREPLY=($(compgen -W "list verify" -- "$cur")) ;;
        queue:*) COMPREPLY=($(compgen -W "status collect dead" -- "$cur")) ;;
        *) COMPREPLY=($(compgen -f -- "$cur")) ;;
    esac
}
complete -o filenames -F _avalign avalign
