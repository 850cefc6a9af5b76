package io.github.purebpf.elf;

import io.github.purebpf.btf.BtfBuilder;
import io.github.purebpf.btf.BtfType;
import io.github.purebpf.btf.CInt;
import io.github.purebpf.btf.StructTypes;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.layout.Struct;
import io.github.purebpf.uapi.MapType;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The section {@code .maps}. A map is a variable there, whose type is a struct that defines it:
 * numbers are the lengths of arrays that its members point to.
 */
final class MapSection {
  static final String NAME = ".maps";

  private static final int POINTER = 8;
  private static final BtfType.Int INT =
      new BtfType.Int("int", 4, 32, 0, BtfType.IntEncoding.SIGNED);

  /** The maps whose keys and values the kernel takes types for. */
  private static final Set<MapType> TYPED =
      EnumSet.of(
          MapType.HASH,
          MapType.ARRAY,
          MapType.PERCPU_HASH,
          MapType.PERCPU_ARRAY,
          MapType.LRU_HASH,
          MapType.LRU_PERCPU_HASH,
          MapType.LPM_TRIE,
          MapType.SK_STORAGE,
          MapType.INODE_STORAGE,
          MapType.TASK_STORAGE,
          MapType.CGRP_STORAGE);

  private final BtfBuilder types;
  private final Map<MapRef, Symbol> symbols = new LinkedHashMap<>();
  private int size;

  private MapSection(BtfBuilder types) {
    this.types = types;
  }

  /** Defines maps; their types are added to the BTF. */
  static MapSection of(List<ObjectMap> maps, BtfBuilder types) {
    var section = new MapSection(types);
    var variables = new ArrayList<BtfType.SectionVar>();
    for (var map : maps) {
      variables.add(section.define(map));
    }
    if (!maps.isEmpty()) {
      int _ = types.add(new BtfType.DataSec(NAME, section.size, variables));
    }
    return section;
  }

  /** The symbols of the maps. */
  Map<MapRef, Symbol> symbols() {
    return symbols;
  }

  Section finish() {
    return new Section(NAME, Section.Kind.DATA, new byte[size]);
  }

  private BtfType.SectionVar define(ObjectMap map) {
    var shape = map.shape();
    var members = new Members();
    members.number("type", shape.type().value());
    boolean typed = TYPED.contains(shape.type());
    if (typed && shape.keySize() > 0) {
      members.add("key", keyType(map));
    } else if (shape.keySize() > 0) {
      members.number("key_size", shape.keySize());
    }
    if (typed && shape.valueSize() > 0) {
      members.add("value", type(map.value(), shape.valueSize()));
    } else if (shape.valueSize() > 0) {
      members.number("value_size", shape.valueSize());
    }
    members.number("max_entries", shape.maxEntries());
    if (shape.flags() != 0) {
      members.number("map_flags", shape.flags());
    }
    int bytes = members.list.size() * POINTER;
    int definition = types.add(new BtfType.Struct("", bytes, members.list));
    var name = map.name().name();
    int variable = types.add(new BtfType.Var(name, definition, BtfType.Linkage.GLOBAL));
    symbols.put(
        map.name(), new Symbol(name, Symbol.Binding.GLOBAL, Symbol.Type.OBJECT, NAME, size, bytes));
    size += bytes;
    return new BtfType.SectionVar(variable, size - bytes, bytes);
  }

  private int keyType(ObjectMap map) {
    int size = map.shape().keySize();
    if (map.key().isEmpty() && map.shape().type() == MapType.LPM_TRIE && size > Integer.BYTES) {
      // The kernel takes nothing but a struct, and the length of the prefix is always in front.
      int prefix = CInt.U32.in(types);
      int data = type(Optional.empty(), size - Integer.BYTES);
      return types.add(
          new BtfType.Struct(
              "",
              size,
              List.of(
                  new BtfType.Member("prefixlen", prefix, 0, 0),
                  new BtfType.Member("data", data, Integer.SIZE, 0))));
    }
    return type(map.key(), size);
  }

  /** The struct; or else a number, or bytes where there is no number of that size. */
  private int type(Optional<Struct<?>> struct, int size) {
    if (struct.isPresent()) {
      return StructTypes.in(types, struct.get());
    }
    return switch (size) {
      case 1, 2, 4, 8 -> CInt.unsigned(size).in(types);
      default -> types.intern(new BtfType.Array(CInt.U8.in(types), types.intern(INT), size));
    };
  }

  /** The members of a definition, all of them pointers. */
  private final class Members {
    private final List<BtfType.Member> list = new ArrayList<>();

    void number(String name, int value) {
      int integer = types.intern(INT);
      add(name, types.intern(new BtfType.Array(integer, integer, value)));
    }

    void add(String name, int target) {
      int pointer = types.intern(new BtfType.Ptr(target));
      list.add(new BtfType.Member(name, pointer, list.size() * POINTER * Byte.SIZE, 0));
    }
  }
}
