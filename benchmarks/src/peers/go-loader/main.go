// The smallest redirector with cilium/ebpf: loader CGROUP FROM TO, two addresses. It maps the one to
// the other, says so, and ends with its standard input.
package main

import (
	"fmt"
	"io"
	"net"
	"os"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/link"
)

func check(err error) {
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
}

func main() {
	services, err := ebpf.NewMap(&ebpf.MapSpec{
		Name: "services", Type: ebpf.Hash, KeySize: 4, ValueSize: 4, MaxEntries: 1024,
	})
	check(err)
	check(services.Put([]byte(net.ParseIP(os.Args[2]).To4()), []byte(net.ParseIP(os.Args[3]).To4())))
	program, err := ebpf.NewProgram(&ebpf.ProgramSpec{
		Name: "connect4", Type: ebpf.CGroupSockAddr, AttachType: ebpf.AttachCGroupInet4Connect,
		License: "GPL",
		Instructions: asm.Instructions{
			asm.Mov.Reg(asm.R6, asm.R1),
			asm.LoadMem(asm.R2, asm.R6, 4, asm.Word),
			asm.StoreMem(asm.RFP, -4, asm.R2, asm.Word),
			asm.Mov.Reg(asm.R2, asm.RFP),
			asm.Add.Imm(asm.R2, -4),
			asm.LoadMapPtr(asm.R1, services.FD()),
			asm.FnMapLookupElem.Call(),
			asm.JEq.Imm(asm.R0, 0, "pass"),
			asm.LoadMem(asm.R1, asm.R0, 0, asm.Word),
			asm.StoreMem(asm.R6, 4, asm.R1, asm.Word),
			asm.Mov.Imm(asm.R0, 1).WithSymbol("pass"),
			asm.Return(),
		},
	})
	check(err)
	_, err = link.AttachCgroup(link.CgroupOptions{
		Path: os.Args[1], Attach: ebpf.AttachCGroupInet4Connect, Program: program,
	})
	check(err)
	fmt.Println("ready")
	_, err = io.Copy(io.Discard, os.Stdin)
	check(err)
}
