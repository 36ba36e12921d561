"""Writes files that would run something when they are opened, or that cannot be told from such: FOLDER/evil/GROUP/NAME.

Usage: python evil.py FOLDER. They are made by hand, opcode by opcode; none is loaded here. What they
would run is `true`.
"""

import bz2
import gzip
import io
import lzma
import os
import pickle
import struct
import sys
import tarfile
import zipfile
import zlib
from pathlib import Path

import joblib
import numpy as np

ROOT = Path(sys.argv[1]) / "evil"

# Functions that run commands, evaluate text, import, load other pickles, or reach files and the network.
NAMES = """
os.system nt.system subprocess.Popen builtins.eval builtins.exec builtins.open builtins.__import__ __builtin__.eval
pickle.loads marshal.loads types.CodeType importlib.import_module runpy.run_path pip._internal.main timeit.timeit
pydoc.pipepager bdb:Bdb.run profile.run cProfile.run ctypes.CDLL venv.create ensurepip.bootstrap webbrowser.open
asyncio.unix_events:_UnixSubprocessTransport._start _pyrepl.pager.pipe_pager _osx_support._read_output
_aix_support._read_cmd_output uuid._get_command_stdout test.support.script_helper.assert_python_ok
site.execsitecustomize code:InteractiveInterpreter.runcode trace:Trace.run doctest.debug_script
idlelib.pyshell:ModifiedInterpreter.runcode
lib2to3.pgen2.pgen:ParserGenerator.make_label distutils.file_util.write_file multiprocessing.util.spawnv_passfds
operator.methodcaller shutil.rmtree tempfile.mktemp linecache.getline zipimport.zipimporter logging.config.fileConfig
urllib.request.urlopen http.client.HTTPSConnection ssl.get_server_certificate imaplib.IMAP4_stream sqlite3.connect
socket.create_connection xmlrpc.client.ServerProxy requests.api.get aiohttp.client.ClientSession signal.raise_signal
gc.get_objects atexit.register weakref.finalize faulthandler._sigsegv sys.setattr cgitb.lookup turtle.main antigravity.x
numpy.load numpy.fromfile numpy.testing._private.utils.runstring numpy.f2py.crackfortran.getlincoef joblib.load
pandas.read_pickle pandas.eval torch.load torch.storage._load_from_bytes torch.hub.load
torch._dynamo.guards:GuardBuilder.get torch.utils.bottleneck.__main__.run_cprofile dill._dill._create_code
cloudpickle.cloudpickle._make_function __main__.f my_own_package.payload
""".split()


def write(group, name, data):
    folder = ROOT / group
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)


def word(text):
    return b"\x8c" + bytes([len(text)]) + text.encode()


def line(module, name):
    return b"c" + module.encode() + b"\n" + name.encode() + b"\n"


def by_stack(before, proto=b"\x80\x04"):
    return proto + before + b"\x93" + word("true") + b"\x85R."


OLD = line("os", "system") + b"(S'true'\ntR."
NEW = by_stack(word("os") + word("system"))


class Runs:
    def __reduce__(self):
        return (os.system, ("true",))


def opcodes():
    group = "os.system in other opcodes"
    put = lambda n: b"r" + struct.pack("<I", n)
    get = lambda n: b"j" + struct.pack("<I", n)
    for name, data in {
        "global": OLD,
        "global_protocol_2": b"\x80\x02" + OLD,
        "stack_global": NEW,
        "framed": by_stack(b"\x95" + struct.pack("<Q", 20) + word("os") + word("system")),
        "memoize": by_stack(word("os") + b"\x940" + word("system") + b"\x940h\x00h\x01"),
        "memo_far_away": by_stack(word("os") + put(99999) + b"0" + get(99999) + word("system")),
        "twice": by_stack(word("code") + b"2\x930" + word("os") + word("system")),
        "unicode_escapes": by_stack(b"V\\u006fs\nVsyst\\u0065m\n"),
        "string_escapes": by_stack(b"S'\\x6fs'\nS'sys\\164em'\n"),
        "computed": by_stack(word("builtins") + word("str") + b"\x93" + word("os") + b"\x85R" + word("system")),
        "inst": b"(S'true'\nios\nsystem\n.",
        "obj": b"(" + line("os", "system") + b"S'true'\no.",
        "newobj": b"\x80\x02" + line("subprocess", "Popen") + b"X\x04\0\0\0true\x85\x81.",
        "newobj_ex": b"\x80\x04" + word("subprocess") + word("Popen") + b"\x93" + word("true") + b"\x85}\x92.",
        "result_dropped": NEW[:-1] + b"0K\x01.",
        "persistent_id_first": b"Pabc\n0" + OLD,
        "dotted_below_sklearn": by_stack(word("sklearn.utils") + word("os.system")),
        "dotted_below_numpy": by_stack(word("numpy") + word("f2py.os.system")),
        "extension": b"\x80\x02\x82\x01(tR.",
    }.items():
        write(group, f"{name}.pkl", data)


def names():
    for name in NAMES:
        module, _, function = name.partition(":") if ":" in name else name.rpartition(".")
        write("other functions", f"{name}.pkl".replace(":", "."), by_stack(word(module) + word(function)))


def tricks():
    group = "allowed names misused"
    codec = line("_codecs", "encode") + b"X\x01\0\0\0aX\x04\0\0\0evil\x86R."
    write(group, "import_of_an_encoding.pkl", b"\x80\x02" + codec)
    ordered = b"\x80\x04" + word("collections") + word("OrderedDict") + b"\x93"
    write(group, "method_of_a_class_replaced.pkl", ordered + b"}" + word("update") + line("builtins", "list") + b"sb.")
    ridge = b"\x80\x04" + word("sklearn.linear_model") + word("Ridge") + b"\x93)\x81"
    wrapper = line("joblib.numpy_pickle", "NumpyArrayWrapper")
    write(group, "class_of_an_object_replaced.pkl", ridge + b"N}" + word("__class__") + wrapper + b"s\x86b.")
    write(group, "getattr.pkl", b"\x80\x04" + word("builtins") + word("getattr") + b"\x93" + NEW[2:14] + b"\x86R.")
    write(group, "pickle_in_bytes.pkl", pickle.dumps({"x": NEW}, protocol=4))
    write(group, "after_an_array.joblib", dumped({"w": np.zeros(10), "e": Runs()}))
    write(group, "in_an_array_of_objects.joblib", dumped({"a": np.array([Runs()], dtype=object)}))
    array = dumped(np.frombuffer(NEW.ljust(64, b"\0"), dtype="u1").copy())
    start = array.rfind(b"b", 0, array.find(NEW)) + 1
    old = (array[:start] + array[array.find(NEW):]).replace(b"alignment_bytes", b"alignment_bytez")
    write(group, "bytes_of_an_array_are_opcodes.joblib", old)


def described():
    """Second arrays of joblib whose bytes it would not step over, or whose description the scan must not lose."""
    group = "allowed names misused"
    text = lambda t: b"X" + struct.pack("<I", len(t)) + t.encode()
    wrapper = line("joblib.numpy_pickle", "NumpyArrayWrapper")
    state = b"}(" + text("shape") + b"K\x04\x85" + text("dtype") + line("numpy", "dtype")
    state += text("u1") + b"\x89\x88\x87R"
    first = wrapper + b")\x81" + state + b"ub\xff\xff\xff\xff0"
    method = text("read_array") + line("builtins", "list")
    write(group, "array_read_by_another_method.joblib", first + wrapper + b")\x81" + state + method + b"ub" + NEW[2:])
    made = line("sklearn.metrics._dist_metrics", "newObj") + wrapper + b"\x85R"
    write(group, "array_described_by_another_call.joblib", first + made + state + b"ub" + text("1") + NEW[2:])


def dumped(value, **more):
    buffer = io.BytesIO()
    joblib.dump(value, buffer, **more)
    return buffer.getvalue()


def broken():
    group = "broken or continued"
    honest = pickle.dumps({"a": 1})
    legacy = [pickle.dumps(x, protocol=2) for x in (0x1950A86A20F9469CFC6C, 1001, {})]
    for name, data in {
        "garbage_after_the_call.pkl": NEW[:-1] + b"\xff\xff\xff",
        "cut_after_the_call.pkl": OLD[:-1],
        "second_pickle.pkl": honest + OLD,
        "bytes_after_the_end.pkl": honest + b"\0hello",
        "fourth_pickle_of_an_old_torch_file.pt": b"".join(legacy) + NEW + pickle.dumps([], 2) + b"\1\2\3",
        "without_an_ending": OLD,
        "text.txt": OLD,
        "weights.bin": OLD,
        "image.png": OLD,
    }.items():
        write(group, name, data)


def zipped(members, method=zipfile.ZIP_STORED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return buffer.getvalue()


def changed(data, magic, at, flip):
    data = bytearray(data)
    data[data.find(magic) + at] ^= flip
    return bytes(data)


def tarred(mode, name, content=b"", link=None):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        if link:
            member.type, member.linkname = tarfile.SYMTYPE, link
        archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def packed():
    group = "packed and disguised"
    torch = {"archive/data.pkl": NEW, "archive/version": b"3\n"}
    plain = zipped(torch)
    for name, data in {
        "torch.pt": plain,
        "torch_deflated.pt": zipped(torch, zipfile.ZIP_DEFLATED),
        "torch_bzip2.pt": zipped(torch, zipfile.ZIP_BZIP2),
        "torch_lzma.pt": zipped(torch, zipfile.ZIP_LZMA),
        "torch_member_called_png.pt": zipped({"archive/data.pkl": pickle.dumps({}), "archive/data/0.png": OLD}),
        "torch_says_encrypted.pt": changed(plain, b"PK\x01\x02", 8, 1),
        "torch_wrong_crc.pt": changed(changed(plain, b"PK\x03\x04", 14, 255), b"PK\x01\x02", 16, 255),
        "torch_two_names.pt": plain.replace(b"archive/data.pkl", b"archive/data.txt", 1),
        "torch_after_100_bytes.pt": b"x" * 100 + plain,
        "pickle_then_zip.pkl": OLD + zipped({"a.txt": b"hi"}),
        "zip_in_zip.npz": zipped({"inner.bin": zipped({"data.pkl": NEW})}, zipfile.ZIP_DEFLATED),
        "gzip.pkl.gz": gzip.compress(NEW, mtime=0),
        "gzip_second_stream.pkl": gzip.compress(b"", mtime=0) + gzip.compress(NEW, mtime=0),
        "gzip_cut.pkl": gzip.compress(NEW + b"\0" * 100000, mtime=0)[:-8],
        "zlib.joblib": zlib.compress(NEW),
        "bzip2.joblib": bz2.compress(NEW),
        "xz.joblib": lzma.compress(NEW),
        "lzma.joblib": lzma.compress(NEW, format=lzma.FORMAT_ALONE),
        "joblib_compressed.joblib": dumped(Runs(), compress=3),
        "tar.tar": tarred("w", "model/pickle", NEW),
        "tar.tar.gz": tarred("w:gz", "model/weights.bin", NEW),
        "tar_link.tar": tarred("w", "x", link="/etc/passwd"),
        "tar_escapes.tar": tarred("w", "../../x", b"1"),
    }.items():
        write(group, name, data)
    array = np.array([Runs()], dtype=object)
    np.save(ROOT / group / "objects.npy", array, allow_pickle=True)
    np.savez(ROOT / group / "objects.npz", a=array)


if __name__ == "__main__":
    for make in (opcodes, names, tricks, described, broken, packed):
        make()
