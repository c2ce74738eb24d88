package ui

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// readV1 reads a recording of version 1 (https://docs.asciinema.org/manual/asciicast/v1/), one JSON document in one or
// many lines that begins with first. It is read token by token, so that of one that is cut everything before the cut is
// known.
func (c *CastReader) readV1(first []byte) error {
	rest, err := io.ReadAll(io.LimitReader(c.r, maxV1+1))
	if len(rest) > maxV1 {
		return fmt.Errorf("%w: a recording of version 1 has at most %d MiB", ErrCast, maxV1>>20)
	}
	text := append(append(first, '\n'), rest...)
	d := json.NewDecoder(bytes.NewReader(text))
	c.Version = 1 // for place
	var h readHeader
	derr := c.document(d, &h)
	if derr == nil {
		derr = err
	}
	switch {
	case h.Version == 0 && derr != nil:
		return fmt.Errorf("%w: it does not begin with a header", ErrCast)
	case h.Version != 0 && h.Version != 1: // the first line of another version, cut
		return fmt.Errorf("%w: its header breaks off", ErrCast)
	}
	if err := c.take(h); err != nil {
		return err
	}
	c.cut = io.EOF
	if derr != nil {
		c.cut = &CastCut{Err: errV1}
	}
	return nil
}

// errV1 says that a document of version 1 is not whole.
var errV1 = errors.New("its JSON document is not complete")

// document reads the members of the object that d begins with.
func (c *CastReader) document(d *json.Decoder, h *readHeader) error {
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return errors.Join(errV1, err)
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		var into any = &json.RawMessage{}
		switch key {
		case "version":
			into = &h.Version
		case "width":
			into = &h.Width
		case "height":
			into = &h.Height
		case "stdout":
			if err := c.outputs(d); err != nil {
				return err
			}
			continue
		}
		if err := d.Decode(into); err != nil {
			return err
		}
	}
	_, err := d.Token()
	return err
}

// outputs reads the array of [delay, data].
func (c *CastReader) outputs(d *json.Decoder) error {
	if t, err := d.Token(); err != nil || t != json.Delim('[') {
		return errors.Join(errV1, err)
	}
	for d.More() {
		var parts []json.RawMessage
		if err := d.Decode(&parts); err != nil {
			return err
		}
		if len(parts) != 2 {
			return errEvent
		}
		at, err := parseTime(parts[0])
		e := CastEvent{At: at, Kind: CastOutput}
		if err != nil || json.Unmarshal(parts[1], &e.Data) != nil {
			return errEvent
		}
		c.place(&e)
		c.events = append(c.events, e)
	}
	_, err := d.Token()
	return err
}
