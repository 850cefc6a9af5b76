/**
 * BTF, the type information that the kernel, its modules and BPF objects carry.
 *
 * <p>A {@link io.github.purebpf.btf.Btf} is a sequence of {@linkplain io.github.purebpf.btf.BtfType
 * types} numbered from 1; id 0 is {@code void}. Types name each other by id, and an id is an index,
 * never a pointer:
 *
 * <pre>
 * Btf        = type*                       ids 1, 2, 3, …; a split BTF continues the ids of its base
 * BtfType    = Int | Floating | Ptr | Array | Struct | Union | Enum32 | Enum64 | Fwd
 *            | Typedef | Volatile | Const | Restrict | TypeTag | DeclTag
 *            | Func | FuncProto | Var | DataSec
 * Struct     = name size Member*           Union alike
 * Member     = name type-id bit-offset bitfield-size
 * Enum32     = name size signed Enumerator*  Enum64 alike
 * FuncProto  = return-type-id Param*
 * DataSec    = name size SectionVar*
 * </pre>
 */
package io.github.purebpf.btf;
