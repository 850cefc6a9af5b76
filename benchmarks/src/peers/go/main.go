// cilium/ebpf: maps, the assembler of its package asm, ring buffers, and links. The protocol is that
// of ../c/protocol.h. With the argument "unsafe", keys and values are passed as unsafe.Pointer, which
// the library takes as they are; without it, as values, which it marshals.
package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/link"
	"github.com/cilium/ebpf/ringbuf"
)

const (
	entries = 65536
	mask    = entries - 1
	filled  = 8192
)

var (
	pins, cgroup, files string
	asPointers          bool
	spent               time.Duration
	begun               time.Time
)

func start() { begun = time.Now() }

func stop() { spent += time.Since(begun) }

func check(err error) {
	if err != nil {
		fmt.Printf("error %s\n", strings.ReplaceAll(err.Error(), "\n", " "))
		os.Exit(1)
	}
}

func answer(operations int, sum interface{}) string {
	return fmt.Sprintf("ok %d %d - %v", operations, spent.Nanoseconds(), sum)
}

type table struct {
	*ebpf.Map
	cpus int // 0 if not one value for each CPU
}

var tables = map[string]*table{}

var kinds = map[string]ebpf.MapType{
	"hash":   ebpf.Hash,
	"array":  ebpf.Array,
	"percpu": ebpf.PerCPUArray,
}

func open(kind string) *table {
	if t := tables[kind]; t != nil {
		return t
	}
	m, err := ebpf.NewMap(&ebpf.MapSpec{
		Name: "bench_peer", Type: kinds[kind], KeySize: 4, ValueSize: 8, MaxEntries: entries,
	})
	check(err)
	t := &table{Map: m}
	if kind == "percpu" {
		var values []uint64
		check(m.Lookup(uint32(0), &values))
		t.cpus = len(values)
	}
	tables[kind] = t
	return t
}

func (t *table) put(key uint32, value uint64, values []uint64) {
	switch {
	case t.cpus > 0:
		for i := range values {
			values[i] = value
		}
		check(t.Put(key, values))
	case asPointers:
		check(t.Put(unsafe.Pointer(&key), unsafe.Pointer(&value)))
	default:
		check(t.Put(key, value))
	}
}

func (t *table) get(key uint32) uint64 {
	if t.cpus > 0 {
		var values []uint64
		check(t.Lookup(key, &values))
		return values[0]
	}
	var value uint64
	if asPointers {
		check(t.Lookup(unsafe.Pointer(&key), unsafe.Pointer(&value)))
	} else {
		check(t.Lookup(key, &value))
	}
	return value
}

func (t *table) fill(factor uint64) {
	if t.cpus > 0 {
		values := make([]uint64, t.cpus)
		for i := uint32(0); i < entries; i++ {
			t.put(i, uint64(i)*factor, values)
		}
		return
	}
	keys, values := make([]uint32, entries), make([]uint64, entries)
	for i := range keys {
		keys[i], values[i] = uint32(i), uint64(i)*factor
	}
	_, err := t.BatchUpdate(keys, values, nil)
	check(err)
}

func runMap(kind, verb string, n int) string {
	if asPointers && (verb != "put" && verb != "get" && verb != "delete" || kind == "percpu") {
		return "none makes no difference"
	}
	t := open(kind)
	switch verb {
	case "put":
		values := make([]uint64, t.cpus)
		start()
		for i := 0; i < n; i++ {
			t.put(uint32(i)&mask, uint64(i), values)
		}
		stop()
		return answer(n, t.get(7))
	case "get":
		t.fill(3)
		sum := uint64(0)
		start()
		for i := 0; i < n; i++ {
			sum += t.get(uint32(i) & mask)
		}
		stop()
		return answer(n, sum)
	case "delete":
		done := 0
		for done < n {
			t.fill(3)
			start()
			for key := uint32(0); key < entries; key++ {
				if asPointers {
					check(t.Delete(unsafe.Pointer(&key)))
				} else {
					check(t.Delete(key))
				}
			}
			stop()
			done += entries
		}
		return answer(done, done)
	case "iterate":
		t.fill(3)
		sum, done := uint64(0), 0
		start()
		for done < n {
			var key uint32
			i := t.Iterate()
			if t.cpus > 0 {
				var values []uint64
				for i.Next(&key, &values) {
					sum += values[0]
					done++
				}
			} else {
				var value uint64
				for i.Next(&key, &value) {
					sum += value
					done++
				}
			}
			check(i.Err())
		}
		stop()
		return answer(done, sum)
	case "batch-put":
		if t.cpus > 0 {
			return "none no batches of per-CPU maps in this version"
		}
		t.fill(3)
		keys, values := make([]uint32, entries), make([]uint64, entries)
		done := 0
		start()
		for done < n {
			for i := range keys {
				keys[i], values[i] = uint32(i), uint64(i)
			}
			_, err := t.BatchUpdate(keys, values, nil)
			check(err)
			done += entries
		}
		stop()
		return answer(done, t.get(7))
	case "batch-get":
		if t.cpus > 0 {
			return "none no batches of per-CPU maps in this version"
		}
		t.fill(3)
		keys, values := make([]uint32, entries), make([]uint64, entries)
		sum, done := uint64(0), 0
		start()
		for done < n {
			var cursor uint32
			var from interface{}
			for {
				count, err := t.BatchLookup(from, &cursor, keys, values, nil)
				for i := 0; i < count; i++ {
					sum += values[i]
				}
				done += count
				if errors.Is(err, ebpf.ErrKeyNotExist) {
					break
				}
				check(err)
				from = cursor
			}
		}
		stop()
		return answer(done, sum)
	}
	return "none not written for this peer"
}

// The same programs as in Programs.java; the sums of the bytes are compared.
func connect4() asm.Instructions {
	return asm.Instructions{
		asm.Mov.Reg(asm.R6, asm.R1),
		asm.LoadMem(asm.R2, asm.R6, 4, asm.Word),
		asm.StoreMem(asm.RFP, -4, asm.R2, asm.Word),
		asm.Mov.Reg(asm.R2, asm.RFP),
		asm.Add.Imm(asm.R2, -4),
		asm.LoadMapPtr(asm.R1, 3),
		asm.FnMapLookupElem.Call(),
		asm.JEq.Imm(asm.R0, 0, "pass"),
		asm.LoadMem(asm.R1, asm.R0, 0, asm.Word),
		asm.StoreMem(asm.R6, 4, asm.R1, asm.Word),
		asm.Mov.Imm(asm.R0, 1).WithSymbol("pass"),
		asm.Return(),
	}
}

func large() asm.Instructions {
	code := make(asm.Instructions, 0, 4096)
	for i := int32(0); i < 511; i++ {
		skip := "skip" + strconv.Itoa(int(i))
		add := asm.StoreXAdd(asm.RFP, asm.R1, asm.DWord)
		add.Offset = -8
		code = append(code,
			asm.Mov.Imm(asm.R2, i),
			asm.Add.Imm32(asm.R2, 7),
			asm.StoreMem(asm.RFP, -8, asm.R2, asm.DWord),
			asm.JSGT.Imm(asm.R2, i, skip),
			asm.LoadMem(asm.R1, asm.RFP, -8, asm.DWord),
			asm.HostTo(asm.BE, asm.R1, asm.Half),
			add,
			asm.Xor.Reg(asm.R2, asm.R1).WithSymbol(skip),
		)
	}
	for i := int32(0); i < 6; i++ {
		code = append(code, asm.Mov.Imm(asm.R2, i))
	}
	return append(code, asm.Mov.Imm(asm.R0, 0), asm.Return())
}

func sumOf(b []byte) string {
	h := fnv.New64a()
	h.Write(b)
	return strconv.FormatUint(h.Sum64(), 10)
}

func encoded(code asm.Instructions) []byte {
	var b bytes.Buffer
	check(code.Marshal(&b, binary.LittleEndian))
	return b.Bytes()
}

func runAsm(verb, which string, n int) string {
	make, ok := map[string]func() asm.Instructions{"connect4": connect4, "4096": large}[which]
	if !ok {
		return "none not written for this peer"
	}
	switch verb {
	case "build":
		var b []byte
		start()
		for i := 0; i < n; i++ {
			b = encoded(make())
		}
		stop()
		return answer(n, sumOf(b))
	case "decode":
		b := encoded(make())
		var code asm.Instructions
		start()
		for i := 0; i < n; i++ {
			code = nil
			check(code.Unmarshal(bytes.NewReader(b), binary.LittleEndian))
		}
		stop()
		return answer(n, sumOf(encoded(code)))
	case "print":
		code := make()
		length := 0
		start()
		for i := 0; i < n; i++ {
			length = len(fmt.Sprint(code))
		}
		stop()
		if length < len(code) {
			check(errors.New("nothing printed"))
		}
		return answer(n, "-")
	}
	return "none has no parser of text"
}

type source struct {
	program *ebpf.Program
	reader  *ringbuf.Reader
	record  ringbuf.Record
}

// By name and length: "ring" is filled when asked for, to "live" others write meanwhile.
var sources = map[string]*source{}

func sourceOf(name, length string) *source {
	if s := sources[name+length]; s != nil {
		return s
	}
	m, err := ebpf.LoadPinnedMap(filepath.Join(pins, name+length), nil)
	check(err)
	r, err := ringbuf.NewReader(m)
	check(err)
	s := &source{reader: r}
	sources[name+length] = s
	return s
}

func (s *source) take() uint64 {
	check(s.reader.ReadInto(&s.record))
	return binary.LittleEndian.Uint64(s.record.RawSample)
}

func runRing(verb, length string, n int) string {
	if verb == "live" {
		s := sourceOf("live", length)
		s.take()
		start()
		for i := 0; i < n; i++ {
			s.take()
		}
		stop()
		return answer(n, "-")
	}
	s := sourceOf("ring", length)
	if s.program == nil {
		program, err := ebpf.LoadPinnedProgram(filepath.Join(pins, "fill"+length), nil)
		check(err)
		s.program = program
	}
	sum, done := uint64(0), 0
	for done < n {
		result, err := s.program.Run(&ebpf.RunOptions{Context: uint64(0)})
		check(err)
		if result != 0 {
			check(errors.New("the ring buffer is full"))
		}
		start()
		for i := 0; i < filled; i++ {
			sum += s.take()
		}
		stop()
		done += filled
	}
	return answer(done, sum)
}

var services *ebpf.Map

func runLoad(n int) string {
	if services == nil {
		var err error
		services, err = ebpf.NewMap(&ebpf.MapSpec{
			Name: "services", Type: ebpf.Hash, KeySize: 4, ValueSize: 4, MaxEntries: 1024,
		})
		check(err)
	}
	code := connect4()
	code[5] = asm.LoadMapPtr(asm.R1, services.FD())
	spec := &ebpf.ProgramSpec{
		Name: "connect4", Type: ebpf.CGroupSockAddr, AttachType: ebpf.AttachCGroupInet4Connect,
		License: "GPL", Instructions: code,
	}
	start()
	for i := 0; i < n; i++ {
		program, err := ebpf.NewProgram(spec)
		check(err)
		l, err := link.AttachCgroup(link.CgroupOptions{
			Path: cgroup, Attach: ebpf.AttachCGroupInet4Connect, Program: program,
		})
		check(err)
		check(l.Close())
		check(program.Close())
	}
	stop()
	return answer(n, "-")
}

func run(name string, n int) string {
	spent = 0
	parts := strings.Split(name, "-")
	if _, ok := kinds[parts[0]]; ok {
		return runMap(parts[0], strings.Join(parts[1:], "-"), n)
	}
	if asPointers {
		return "none makes no difference"
	}
	switch parts[0] {
	case "build", "decode", "print", "parse":
		return runAsm(parts[0], parts[1], n)
	case "drain", "live":
		return runRing(parts[0], parts[1], n)
	case "load":
		return runLoad(n)
	}
	return "none not written for this peer"
}

func latency(name string, n int) string {
	if name != "hash-put" && name != "hash-get" {
		return "none not written for this peer"
	}
	t := open("hash")
	t.fill(3)
	took := make([]int, n)
	for i := range took {
		before := time.Now()
		if name == "hash-put" {
			t.put(uint32(i)&mask, uint64(i), nil)
		} else {
			t.get(uint32(i) & mask)
		}
		took[i] = int(time.Since(before))
	}
	sort.Ints(took)
	text := "ok " + strconv.Itoa(n)
	tail := []float64{0.995, 0.999, 0.9995, 0.9999, 1}
	for i := 1; i < 100+len(tail); i++ {
		q := float64(i) / 100
		if i >= 100 {
			q = tail[i-100]
		}
		at := int(q*float64(n)+0.999999) - 1
		if at < 0 {
			at = 0
		} else if at >= n {
			at = n - 1
		}
		text += " " + strconv.Itoa(took[at])
	}
	return text
}

// Arguments: the folder of pins, the cgroup, the folder of files, and perhaps "unsafe".
func main() {
	if len(os.Args) < 4 {
		fmt.Fprintln(os.Stderr, "usage: peer PINS CGROUP FILES [unsafe]")
		os.Exit(2)
	}
	pins, cgroup, files = os.Args[1], os.Args[2], os.Args[3]
	asPointers = len(os.Args) > 4 && os.Args[4] == "unsafe"
	fmt.Printf("ready %s\n", runtime.Version())
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		if len(words) != 3 {
			fmt.Println("error what is asked has three words")
			continue
		}
		n, err := strconv.Atoi(words[2])
		check(err)
		if words[0] == "latency" {
			fmt.Println(latency(words[1], n))
		} else {
			fmt.Println(run(words[1], n))
		}
	}
}
