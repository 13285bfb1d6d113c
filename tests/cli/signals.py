"""Every command, every thing it can wait for, both signals: gone within a second, with the code it documents, and no part of an output
left behind. Run by signals.sh; arguments: AVALIGN CLIP DIR."""
import os, signal, socket, subprocess, sys, threading, time

avalign, clip, tmp = sys.argv[1:4]
LIMIT, failures, checks = 1.0, 0, 0


def check(name, good, detail=""):
    global failures, checks
    checks += 1
    failures += not good
    print(("ok   " if good else "FAIL ") + name + ("" if good else ": " + str(detail)), flush=True)


def server(first=b""):
    """A server that takes connections, says what is given and then nothing; its port."""
    s = socket.socket()
    s.bind(("127.0.0.1", 0))
    s.listen(8)
    kept = []

    def serve():
        while True:
            c, _ = s.accept()
            kept.append(c)
            if first:
                c.sendall(first)
    threading.Thread(target=serve, daemon=True).start()
    return s.getsockname()[1]


def silent():
    """A port whose connections are never taken: the queue of the listening socket is full."""
    s = socket.socket()
    s.bind(("127.0.0.1", 0))
    s.listen(0)
    for _ in range(4):
        c = socket.socket()
        c.setblocking(False)
        c.connect_ex(s.getsockname())
        opened.append(c)
    opened.append(s)
    return s.getsockname()[1]


opened = []
fifo = os.path.join(tmp, "fifo")
os.mkfifo(fifo)
data = open(clip, "rb").read()
http = b"HTTP/1.1 200 OK\r\nContent-Type: video/x-matroska\r\n\r\n"
stalled, half, nobody = server(), server(http + data[:len(data) // 2]), silent()
listing = os.path.join(tmp, "list")
folder = os.path.join(tmp, "many")
os.mkdir(folder)
for i in range(8):  # of unlike content, so that none is another's duplicate
    with open(os.path.join(folder, "%d.mkv" % i), "wb") as f:
        f.write(data + b"\0" * i)
open(listing, "w").write("".join("%s/%d.mkv\n" % (folder, i) for i in range(8)))
open(listing + ".csv", "w").write("path,label\n" + "".join("%s/%d.mkv,real\n" % (folder, i) for i in range(8)))
out = os.path.join(tmp, "out")
os.mkdir(out)
o = lambda name: os.path.join(out, name)
q = "amqp://127.0.0.1:%d"
outputs = ["--json", o("r.json"), "--html", o("r.html"), "--marks", "csv=" + o("r.csv")]
url = "http://127.0.0.1:%d/x.mkv"
# name, arguments, standard input (None, "open": a pipe that stays silent, or bytes to deliver before it does), seconds before the signal, codes
table = [
    ("analyze at work", ["analyze", clip, *outputs], None, .5, {4}),
    ("analyze at the end of its work", ["analyze", clip, "--only", "lipsync", *outputs], None, 1.5, {0, 1, 2, 4}),
    ("analyze on a silent pipe", ["analyze", "-", *outputs], "open", .5, {4}),
    ("analyze on a pipe that stops", ["analyze", "-", *outputs], data[:len(data) // 2], 1, {4}),
    ("analyze on a FIFO nobody writes to", ["analyze", fifo], None, .5, {4}),
    ("analyze, tracks from a FIFO", ["analyze", clip, "--tracks", fifo], None, .5, {4}),
    ("analyze, policy from a FIFO", ["analyze", clip, "--policy", fifo], None, .5, {4}),
    ("analyze on an address that stalls", ["analyze", url % stalled, "--allow-network", *outputs], None, .5, {4}),
    ("analyze on an address that stops half way", ["analyze", url % half, "--allow-network", *outputs], None, 1, {4}),
    ("analyze on an address that never answers", ["analyze", url % nobody, "--allow-network"], None, .5, {4}),
    ("analyze --sandbox at work", ["analyze", clip, "--sandbox", *outputs], None, 1, {4}),
    ("analyze --sandbox on a silent pipe", ["analyze", "-", "--sandbox", *outputs], "open", 1, {4}),
    ("analyze --overlay", ["analyze", clip, "--only", "lipsync", "--overlay", o("o.mkv")], None, 2, {0, 1, 2, 4}),
    ("--live on a pipe that stops", ["analyze", "--live", "-", "--only", "lipsync", "--window", "2"], data, "a line", {0, 1, 2, 4}),
    ("--live --sandbox on a pipe that stops", ["analyze", "--live", "-", "--sandbox", "--only", "lipsync", "--json", o("l.json")], data, 4, {0, 1, 2, 4}),
    ("--live on an address that stalls", ["analyze", "--live", url % stalled, "--allow-network"], None, .5, {0, 1, 2}),
    ("embed on a silent pipe", ["embed", "voice", "-"], "open", .5, {4}),
    ("enroll at work", ["enroll", "a", clip, clip, "--out", o("a.avref")], None, .7, {4}),
    ("features at work", ["features", clip, "--out", o("f")], None, .7, {4}),
    ("fix at work", ["fix", clip, "--offset", "100", "--out", o("f.mkv")], None, .7, {0, 4}),
    ("features on a FIFO nobody writes to", ["features", fifo, "--out", o("f2")], None, .5, {4}),
    ("batch at work", ["batch", folder, "--out", o("b"), "--jobs", "2"], None, 1.5, {3}),
    ("serve", ["serve", "--out", o("s"), "--port", "18470"], None, 1.5, {0}),
    ("batch on a list that never comes", ["batch", "-", "--out", o("b2")], "open", .5, {3}),
    ("batch on a FIFO nobody writes to", ["batch", fifo, "--out", o("b3")], None, .5, {3}),
    ("eval at work", ["eval", listing + ".csv", "--results", o("e"), "--html", o("e.html"), "--markdown", o("e.md"), "--jobs", "2"], None, 1, {4}),
    ("eval on a FIFO nobody writes to", ["eval", fifo], None, .5, {4}),
    ("selftest at work", ["selftest", "--degrade", clip], None, 1, {4}),
    ("models verify", ["models", "verify"], None, .1, {0, 4}),
    ("submit, the broker stalls", ["submit", listing, "--queue", q % stalled], None, .5, {4}),
    ("submit, nobody answers", ["submit", listing, "--queue", q % nobody], None, .5, {4}),
    ("submit on a list that never comes", ["submit", "-", "--queue", q % stalled], "open", .5, {4}),
    ("worker, the broker stalls", ["worker", "--queue", q % stalled], None, .5, {0}),
    ("worker, nobody answers", ["worker", "--queue", q % nobody], None, .5, {0}),
    ("queue status, the broker stalls", ["queue", "status", "--queue", q % stalled], None, .5, {4}),
]
built = subprocess.run([avalign, "--help"], capture_output=True, text=True).stdout


def started(p):
    """Waits until main() has begun (the signals are blocked): before that it is the loader that a signal meets."""
    for _ in range(2000):
        try:
            blocked = [x for x in open("/proc/%d/status" % p.pid) if x.startswith("SigBlk")]
        except OSError:
            return
        if p.poll() is not None or (blocked and int(blocked[0].split()[1], 16) >> 1 & 1):
            return
        time.sleep(.005)


def once(args, stdin, wait, sig):
    p = subprocess.Popen([avalign, *args], stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    def deliver():
        try:
            p.stdin.write(stdin)
            p.stdin.flush()
        except OSError:
            pass  # it was gone before it had taken everything
    if isinstance(stdin, bytes):
        threading.Thread(target=deliver, daemon=True).start()
    started(p)
    got, lines = [], threading.Event()

    def read(stream):
        for line in stream:
            got.append((stream is p.stdout, line))
            if stream is p.stdout:
                lines.set()
    for stream in (p.stdout, p.stderr):
        threading.Thread(target=read, args=(stream,), daemon=True).start()
    if wait == "a line":
        lines.wait(100)
    else:
        try:
            p.wait(wait)
        except subprocess.TimeoutExpired:
            pass
    t0 = time.monotonic()
    if p.poll() is None:
        p.send_signal(sig)
    try:
        p.wait(20)
    except subprocess.TimeoutExpired:
        p.kill()
        p.wait()
    took = time.monotonic() - t0
    time.sleep(.05)
    return p.returncode, took, b"".join(x for is_out, x in got if is_out).decode(), b"".join(x for is_out, x in got if not is_out).decode()


def parts():
    return [os.path.join(d, f) for d, _, fs in os.walk(tmp) for f in fs if ".part" in f]


for name, args, stdin, wait, codes in table:
    if "  %s " % args[0] not in built:
        continue
    for sig in (signal.SIGINT, signal.SIGTERM):
        code, took, text, err = once(args, stdin, wait, sig)
        for _ in range(2):  # a busy machine gets two more tries
            if took <= LIMIT:
                break
            code, took, text, err = once(args, stdin, wait, sig)
        check("%s, %s: gone within a second (%.2f s)" % (name, sig.name, took), took <= LIMIT, err)
        check("  code %s" % code, code in codes, "%s %s" % (sorted(codes), err))
        check("  nothing half-made is left", not parts(), parts())
        if args[-2:] == ["--out", o("f2")]:
            check("  nor anything empty", not os.path.isdir(o("f2")) or not os.listdir(o("f2")), o("f2"))
        if name == "--live on a pipe that stops":
            check("  with the windows that came", len(text.splitlines()) >= 1, text)

# what was done stays done, and the rest is done later
if "  batch " in built:
    done = lambda: int(subprocess.run(["sqlite3", o("b/avalign.db"), "SELECT count(*) FROM files WHERE status = 'done'"], capture_output=True, text=True).stdout or 0)
    for _ in range(4):
        once(["batch", folder, "--out", o("b"), "--jobs", "1", "--only", "lipsync"], None, 1, signal.SIGINT)
    p = subprocess.run([avalign, "batch", folder, "--out", o("b"), "--only", "lipsync", "-q"], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    check("a batch that was stopped again and again ends with every file done", p.returncode == 0 and done() == 8, "%d %d %s" % (p.returncode, done(), p.stderr))
left = subprocess.run(["pgrep", "-f", tmp], capture_output=True, text=True).stdout.split()
left = [p for p in left if p not in (str(os.getpid()), str(os.getppid()))]
check("no process is left", not left, left)
print("%d of %d checks passed" % (checks - failures, checks))
sys.exit(failures > 0)
