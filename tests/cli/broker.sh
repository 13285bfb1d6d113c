# broker.sh -- sourced: a RabbitMQ of one's own, on free ports, with its data in $T/broker.
# broker_start [ERLANG TERMS FOR THE BROKER]; broker_stop; broker_kill. Sets $URL, $TLS_URL; user "av", password "secret word".
RABBIT=/usr/lib/rabbitmq/bin
broker_env() { # broker_env COMMAND...
    env -i PATH="$RABBIT:$PATH" HOME="$T/broker" LANG=C.UTF-8 RABBITMQ_NODENAME="$NODE" RABBITMQ_MNESIA_BASE="$T/broker/db" RABBITMQ_LOG_BASE="$T/broker/log" \
        RABBITMQ_CONFIG_FILE="$T/broker/rabbitmq.conf" RABBITMQ_ENABLED_PLUGINS_FILE="$T/broker/plugins" RABBITMQ_CONF_ENV_FILE=/dev/null RABBITMQ_ADVANCED_CONFIG_FILE="$T/broker/advanced.config" ERL_CRASH_DUMP=/dev/null \
        RABBITMQ_PID_FILE="$T/broker/pid" RABBITMQ_DIST_PORT=$DIST RABBITMQ_CTL_ERL_ARGS="-proto_dist inet_tcp" ERL_EPMD_PORT=$EPMD ERL_EPMD_ADDRESS=127.0.0.1 "$@"
}
free_port() { $PYTHON -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
broker_certificates() { # a CA, a server certificate for localhost, and another CA that signed nothing
    (cd "$T/broker" && for ca in ca other; do
        openssl req -x509 -newkey rsa:2048 -nodes -keyout $ca.key -out $ca.pem -days 2 -subj "/CN=$ca" 2>/dev/null
    done
    printf 'subjectAltName=DNS:localhost' >ext
    openssl req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=localhost 2>/dev/null
    openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out server.pem -days 2 -extfile ext 2>/dev/null
    chmod 644 server.key)
}
broker_up() {
    (broker_env "$RABBIT/rabbitmq-server" >"$T/broker/out" 2>&1 &)
    for wait in $(seq 30); do
        broker_env "$RABBIT/rabbitmqctl" -q await_startup --timeout 5 >/dev/null 2>&1 && return 0
        sleep 0.5
    done
    echo "FAIL the broker did not start"; tail -20 "$T/broker/out"; return 1
}
broker_start() {
    NODE=avalign-$$@localhost PORT=$(free_port) TLS_PORT=$(free_port) DIST=$(free_port) EPMD=$(free_port)
    URL=amqp://localhost:$PORT TLS_URL=amqps://localhost:$TLS_PORT
    mkdir -p "$T/broker/db" "$T/broker/log"; echo '[].' >"$T/broker/plugins"
    broker_certificates
    printf '%s\n' "listeners.tcp.default = 0.0.0.0:$PORT" "listeners.ssl.default = $TLS_PORT" "ssl_options.cacertfile = $T/broker/ca.pem" \
        "ssl_options.certfile = $T/broker/server.pem" "ssl_options.keyfile = $T/broker/server.key" "ssl_options.verify = verify_none" \
        "default_user = av" "default_pass = secret word" "vm_memory_high_watermark.absolute = 1GB" "disk_free_limit.absolute = 10MB" >"$T/broker/rabbitmq.conf"
    echo "[{rabbit, [${1:-}]}]." >"$T/broker/advanced.config"
    trap 'broker_stop; rm -rf "$T"' EXIT
    broker_up
}
broker_stop() { # and what it leaves behind
    broker_env "$RABBIT/rabbitmqctl" -q shutdown --timeout 30 >/dev/null 2>&1 || broker_kill
    pkill -f "epmd.*-port $EPMD" 2>/dev/null; pkill -f "epmd -daemon" 2>/dev/null; true
}
broker_kill() { pkill -KILL -f "beam.*$NODE" 2>/dev/null; sleep 0.5; }
# Two hosts, a and b, in network namespaces that reach the broker and nothing else.
hosts_up() {
    SPACES=
    ip netns add "av$$a" 2>/dev/null && ip netns add "av$$b" || return 1
    trap 'hosts_down; broker_stop; rm -rf "$T"' EXIT
    for h in a b; do
        ip link add "v$$$h" type veth peer name eth0 netns "av$$$h" && ip addr add "$(host_net $h).1/24" dev "v$$$h" && ip link set "v$$$h" up &&
            host_run $h ip addr add "$(host_net $h).2/24" dev eth0 && host_run $h ip link set eth0 up || return 1
    done
    SPACES=1
}
hosts_down() { ip netns del "av$$a"; ip netns del "av$$b"; } 2>/dev/null
host_net() { echo 10.213.$([ "$1" = a ] && echo 101 || echo 102); }
host_run() { ip netns exec "av$$$1" "${@:2}"; }
host_start() { # with &: $! is the program itself. Without network namespaces (no root) it runs here
    [ -n "${SPACES:-}" ] || exec "${@:2}"
    exec ip netns exec "av$$$1" "${@:2}"
}
host_url() { if [ -n "${SPACES:-}" ]; then echo "amqp://$(host_net "$1").1:$PORT"; else echo "$URL"; fi; }
