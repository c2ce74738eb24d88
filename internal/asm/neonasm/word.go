package neonasm

import (
	"fmt"
	"slices"
	"strings"
)

type instruction struct{}

// operation is an instruction's word without its operands, and the shapes of those: of the destination and of what it
// reads, where they are not as the name says.
type operation struct {
	code   uint32
	shapes string
}

var operations = map[string]operation{
	"add.4s": {0x4ea08400, ""}, "add.8h": {0x4e608400, ""}, "sub.4s": {0x6ea08400, ""}, "sub.8h": {0x6e608400, ""},
	"mul.4s": {0x4ea09c00, ""}, "mul.8h": {0x4e609c00, ""}, "mla.4s": {0x4ea09400, ""}, "mls.4s": {0x6ea09400, ""},
	"mla.8h": {0x4e609400, ""}, "sqdmulh.8h": {0x4e60b400, ""}, "addp.4s": {0x4ea0bc00, ""}, "uminp.4s": {0x6ea0ac00, ""},
	"smin.4s": {0x4ea06c00, ""}, "umin.4s": {0x6ea06c00, ""}, "umax.4s": {0x6ea06400, ""}, "uabd.16b": {0x6e207400, ""},
	"cmeq.4s": {0x6ea08c00, ""}, "cmgt.4s": {0x4ea03400, ""}, "cmtst.4s": {0x4ea08c00, ""},
	"and.16b": {0x4e201c00, ""}, "bic.16b": {0x4e601c00, ""}, "orr.16b": {0x4ea01c00, ""}, "orn.16b": {0x4ee01c00, ""},
	"eor.16b": {0x6e201c00, ""}, "bsl.16b": {0x6e601c00, ""}, "bit.16b": {0x6ea01c00, ""}, "bif.16b": {0x6ee01c00, ""},
	"fadd.4s": {0x4e20d400, ""}, "fmul.4s": {0x6e20dc00, ""}, "fmax.4s": {0x4e20f400, ""},
	"fcmeq.4s": {0x4e20e400, ""}, "fcmgt.4s": {0x6ea0e400, ""},
	"zip1.4s": {0x4e803800, ""}, "zip2.4s": {0x4e807800, ""}, "uzp1.4s": {0x4e801800, ""}, "uzp2.4s": {0x4e805800, ""},
	"trn1.8h": {0x4e402800, ""}, "trn2.8h": {0x4e406800, ""},
	"umull": {0x2e20c000, "8h 8b 8b"}, "umull2": {0x6e20c000, "8h 16b 16b"},
	"umlal": {0x2e208000, "8h 8b 8b"}, "umlal2": {0x6e208000, "8h 16b 16b"},
	"uaddw": {0x2e201000, "8h 8h 8b"}, "uaddw2": {0x6e201000, "8h 8h 16b"},
	"smull": {0x0e60c000, "4s 4h 4h"}, "smull2": {0x4e60c000, "4s 8h 8h"},
	"smlal": {0x0e608000, "4s 4h 4h"}, "smlal2": {0x4e608000, "4s 8h 8h"},
	"uaddlp": {0x6e602800, "4s 8h"}, "uadalp": {0x6e606800, "4s 8h"}, "tbl": {0x4e000000, "16b {16b} 16b"},
	"scvtf.4s": {0x4e21d800, "4s 4s"}, "fcvtzs.4s": {0x4ea1b800, "4s 4s"}, "addv.4s": {0x4eb1b800, "s 4s"}, "addv.8h": {0x4e71b800, "h 8h"}, "umaxv": {0x6eb0a800, "s 4s"},
	"movi.2d": {0x6f00e400, "2d"}, "urhadd.8h": {0x6e601400, ""}, "zip1.16b": {0x4e003800, ""}, "zip1.2d": {0x4ec03800, ""}, "uzp2.8h": {0x4e405800, ""},
	"shl.4s": {0x4f205400, "4s 4s"}, "sli.4s": {0x6f205400, "4s 4s"}, // left: 32 + the shift
	"shl.8h":  {0x4f105400, "8h 8h"},                                   // 16 + the shift
	"ushr.4s": {0x6f400400, "4s 4s"}, "sshr.4s": {0x4f400400, "4s 4s"}, // right: 64 - the shift
	"ushr.8h": {0x6f200400, "8h 8h"}, "urshr.8h": {0x6f202400, "8h 8h"}, "sshr.8h": {0x4f200400, "8h 8h"}, // 32 - the shift
	"shrn": {0x0f208400, "4h 4s"}, "shrn2": {0x4f208400, "8h 4s"}, "rshrn": {0x0f208c00, "4h 4s"}, "rshrn2": {0x4f208c00, "8h 4s"}, // likewise
	"sqshrun": {0x2f108400, "8b 8h"}, "sqrshrun": {0x2f108c00, "8b 8h"}, "sqrshrun2": {0x6f108c00, "16b 8h"}, // 16 - the shift
	"ushll": {0x2f08a400, "8h 8b"}, "ushll2": {0x6f08a400, "8h 16b"}, // 8 + the shift
}

// Operations are the names of all instructions.
func Operations() []string {
	var names []string
	for name := range operations {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// word is an instruction as Go's assembler takes it.
func word(op string, operands []any) string {
	o, ok := operations[op]
	if !ok {
		panic("no instruction " + op) // a generator's own error
	}
	name, shape, _ := strings.Cut(op, ".")
	shapes := strings.Fields(o.shapes)
	if o.shapes == "" {
		shapes = []string{shape, shape, shape}
	}
	code := o.code
	var text []string
	for i, a := range operands {
		v, ok := a.(*Vec)
		if !ok {
			n := a.(int)
			text = append(text, fmt.Sprintf("#%d", n))
			if strings.Contains(name, "l") { // shl, sli, ushll: to the left
				code += uint32(n) << 16
			} else {
				code -= uint32(n) << 16
			}
			continue
		}
		code |= uint32(v.number) << [3]int{0, 5, 16}[i]
		text = append(text, operand(shapes[i], v.number))
	}
	if len(shapes) == 1 {
		text = append(text, "#0")
	}
	return fmt.Sprintf("WORD $%#08x // %s %s", code, name, strings.Join(text, ", "))
}

func operand(shape string, n int) string {
	if len(shape) == 1 {
		return fmt.Sprintf("%s%d", shape, n)
	}
	if list, ok := strings.CutPrefix(shape, "{"); ok {
		return fmt.Sprintf("{ v%d.%s", n, strings.Replace(list, "}", " }", 1))
	}
	return fmt.Sprintf("v%d.%s", n, shape)
}
