#!/usr/bin/env bash
# A real Kubernetes API server for the conformance tests, without containers: kube-apiserver, built from Debian's
# source package, on Debian's etcd. It is an API and nothing else: no controllers, no kubelet, so no pod ever runs.
#
#   eng/envtest.sh [DIR]           starts it and prints the path of its kubeconfig; DIR is .xuanwu/envtest by default
#   eng/envtest.sh --stop [DIR]    stops it
#
# The first start builds for some five minutes on two cores and needs 3 GB of disk, later ones take two seconds. Then:
#   XUANWU_TEST_KUBECONFIG=$(eng/envtest.sh) dotnet test tests/Xuanwu.Kubernetes.Tests
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=eng/say.sh
. eng/say.sh
# shellcheck source=eng/processes.sh
. eng/processes.sh
# shellcheck source=eng/ports.sh
. eng/ports.sh

duty=start
[[ ${1:-} != --stop ]] || { duty=stop && shift; }
data=$(mkdir -p "${1:-.xuanwu/envtest}" && cd "${1:-.xuanwu/envtest}" && pwd)
mkdir -p "$data"/{logs,pids,ports,secrets}
chmod 700 "$data/secrets"
exec 9> "$data/lock"
flock 9

# The source package's index, kept apart from the machine's own lists: its sources name binary packages only.
fetch_source() {
    say "fetching the source of Kubernetes"
    mkdir -p "$data/apt/lists/partial" "$data/apt/sources"
    local list
    for list in /etc/apt/sources.list /etc/apt/sources.list.d/*; do
        case $list in
            *.list) [[ ! -e $list ]] || sed -nE 's/^deb /deb-src /p' "$list" > "$data/apt/sources/${list##*/}" ;;
            *.sources) sed -E 's/^Types:.*/Types: deb-src/' "$list" > "$data/apt/sources/${list##*/}" ;;
        esac
    done
    local -a own=(-q -o "Dir::State::lists=$data/apt/lists" -o "Dir::Etc::sourceparts=$data/apt/sources"
        -o Dir::Etc::sourcelist=/dev/null -o APT::Sandbox::User=root -o Acquire::Retries=3)
    if ! { apt-get "${own[@]}" update && cd "$1" && apt-get "${own[@]}" source kubernetes; } \
        > "$data/logs/source.log" 2>&1; then
        fail "The source package kubernetes could not be fetched." "The whole log: $data/logs/source.log"
    fi
}

build() {
    [[ ! -x $data/kube-apiserver ]] || return 0
    apt_install "what Kubernetes is built with" golang-go make rsync jq dpkg-dev golang-github-modern-go-reflect2-dev
    local work=$data/build tree
    rm -rf "$work"
    mkdir -p "$work"
    (fetch_source "$work")
    tree=$(find "$work" -maxdepth 1 -type d -name 'kubernetes-*')
    mkdir -p "$tree/.go/src/k8s.io"
    ln -s "$tree" "$tree/.go/src/k8s.io/kubernetes"
    # Its own reflect2 1.0.1 knows the maps of Go before 1.18: built with a later Go the server crashes now and then.
    rm "$tree"/vendor/github.com/modern-go/reflect2/*.{go,s}
    cp /usr/share/gocode/src/github.com/modern-go/reflect2/*.{go,s} "$tree/vendor/github.com/modern-go/reflect2/"
    say "building kube-apiserver (some five minutes)"
    (
        cd "$tree/.go/src/k8s.io/kubernetes"
        export GOPATH="$tree/.go" GOCACHE="$work/cache" CGO_ENABLED=0
        nice -n 15 make WHAT=cmd/kube-apiserver
    ) > "$data/logs/build.log" 2>&1 < /dev/null \
        || fail "kube-apiserver could not be built." "$(tail -n 5 "$data/logs/build.log")" \
            "The whole log: $data/logs/build.log"
    cp "$(find "$tree/_output" -type f -name kube-apiserver | head -n 1)" "$data/kube-apiserver.new"
    strip "$data/kube-apiserver.new" 2> /dev/null || true
    mv "$data/kube-apiserver.new" "$data/kube-apiserver"
    rm -rf "$work" "$data/apt"
}

make_secrets() {
    [[ ! -s $data/secrets/tokens.csv ]] || return 0
    command -v openssl > /dev/null || apt_install OpenSSL openssl
    (
        umask 077
        openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$data/secrets/accounts.key" 2> /dev/null
        printf '%s,tester,1,system:masters\n' "$(openssl rand -hex 24)" > "$data/secrets/tokens.csv"
    )
}

start_etcd() {
    pid_of etcd > /dev/null && return
    command -v etcd > /dev/null || apt_install etcd etcd-server
    say "starting etcd"
    # A crash of the machine may lose what is in it: these are tests.
    launch etcd etcd --name envtest --data-dir "$data/etcd" --unsafe-no-fsync \
        --listen-client-urls "http://127.0.0.1:$etcd_port" --advertise-client-urls "http://127.0.0.1:$etcd_port" \
        --listen-peer-urls "http://127.0.0.1:$peer_port" --initial-advertise-peer-urls "http://127.0.0.1:$peer_port" \
        --initial-cluster "envtest=http://127.0.0.1:$peer_port"
    await etcd 60 answers_ok "$etcd_port" /health
}

start_server() {
    pid_of kube-apiserver > /dev/null && return
    say "starting kube-apiserver"
    launch kube-apiserver "$data/kube-apiserver" --etcd-servers="http://127.0.0.1:$etcd_port" \
        --bind-address=127.0.0.1 --secure-port="$api_port" --cert-dir="$data/secrets" \
        --service-account-issuer=https://envtest.invalid \
        --service-account-signing-key-file="$data/secrets/accounts.key" \
        --service-account-key-file="$data/secrets/accounts.key" \
        --authorization-mode=RBAC --token-auth-file="$data/secrets/tokens.csv" --anonymous-auth=false \
        --service-cluster-ip-range=10.0.0.0/24 --disable-admission-plugins=ServiceAccount
    await kube-apiserver 120 is_ready
}

# The server says so itself, in its log: bash alone speaks no TLS.
is_ready() { is_listening "$api_port" && grep -q 'Serving securely' "$data/logs/kube-apiserver.log" && has_namespace; }

has_namespace() { http_get "$etcd_port" /version > /dev/null && [[ -n $(stored /registry/namespaces/default) ]]; }

# stored KEY: what etcd holds, by its JSON gateway.
stored() {
    # shellcheck disable=SC2016 # expanded by the inner shell
    timeout 5 bash -c '
        body="{\"key\":\"$(printf %s "$2" | base64 -w0)\",\"keys_only\":true}"
        exec 3<> "/dev/tcp/127.0.0.1/$1"
        printf "POST /v3/kv/range HTTP/1.1\r\nHost: e\r\nConnection: close\r\nContent-Length: %s\r\n\r\n%s" \
            "${#body}" "$body" >&3
        grep -o "\"kvs\".*" <&3' stored "$etcd_port" "$1" 2> /dev/null
}

write_kubeconfig() {
    local token
    token=$(cut -d, -f1 "$data/secrets/tokens.csv")
    (umask 077 && cat > "$data/kubeconfig.new") <<YAML
apiVersion: v1
kind: Config
current-context: envtest
contexts: [{name: envtest, context: {cluster: envtest, user: tester}}]
clusters:
- name: envtest
  cluster: {server: "https://127.0.0.1:$api_port", certificate-authority: secrets/apiserver.crt}
users: [{name: tester, user: {token: $token}}]
YAML
    mv "$data/kubeconfig.new" "$data/kubeconfig"
}

if [[ $duty == stop ]]; then
    stop kube-apiserver
    stop etcd
else
    api_port=$(remembered_port api) etcd_port=$(remembered_port etcd) peer_port=$(remembered_port peer)
    build
    make_secrets
    start_etcd
    start_server
    write_kubeconfig
    printf '%s\n' "$data/kubeconfig"
fi
