package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"runtime"
	"time"

	"acip/capture"
	"acip/codec"
	"acip/frame"
	"acip/render"

	"github.com/creack/pty"
)

// stages is a client's work on one picture, each step by itself in this process: what a camera's picture of 640x480 takes on its way
// up at the size that a viewer of 160x45 cells wants, and what a peer's takes on its way down.
type stages struct {
	source *capture.Y4MReader
	raw    io.Reader // the same file once more
	enc    codec.Encoder
	dec    codec.Decoder
	canvas *render.Canvas
	tty    *os.File

	skip []byte // a picture of the file
	up   frame.Frame
	down frame.Frame
	data []byte
	text []byte

	took     [6]time.Duration // in all
	pictures int
}

// stageNames are the steps in the order of stages.took.
func stageNames() [6]string {
	return [6]string{"capture", "convert", "encode", "decode", "draw", "write"}
}

// What the screen of a call with one peer gives to its picture of 4:3, in cells, and asks for, in pixels.
func stageCells() frame.Size { return frame.Size{W: 118, H: 44} }
func stageBox() frame.Size   { return frame.Size{W: 236, H: 176} }

// measureStages runs the steps over a film of 640x480; pictures is how many.
func measureStages(film *clip, pictures int) (s *stages, err error) {
	s = &stages{skip: make([]byte, len("FRAME\n")+640*480*3/2)}
	var files [2]*os.File
	for i := range files {
		if files[i], err = os.Open(film.path); err != nil {
			return nil, err
		}
		defer files[i].Close()
	}
	s.raw = files[0]
	if s.source, err = capture.NewY4MReader(bufio.NewReaderSize(files[1], 1<<20)); err != nil {
		return nil, err
	}
	if err := s.open(); err != nil {
		return nil, err
	}
	defer s.enc.Close()
	defer s.dec.Close()
	master, tty, err := pty.Open()
	if err != nil {
		return nil, err
	}
	drained := make(chan struct{})
	go func() { _, _ = io.Copy(io.Discard, master); close(drained) }()
	s.tty = tty
	runtime.LockOSThread() // whose clock is read
	defer runtime.UnlockOSThread()
	for range pictures {
		if err = s.picture(); err != nil {
			break
		}
	}
	tty.Close() // the copy ends: nobody has it open any more
	<-drained
	master.Close()
	return s, err
}

func (s *stages) open() (err error) {
	id := codec.Available()[0]
	if s.enc, err = codec.NewEncoder(id, codec.Options{FPS: 30}); err != nil {
		return err
	}
	if s.dec, err = codec.NewDecoder(id); err != nil {
		return err
	}
	style := render.Choose(render.Terminal{Term: "xterm-256color", TrueColor: true, UTF8: true, Sync: true}, render.Style{})
	s.canvas = render.NewCanvas(stageCells().W, stageCells().H, style)
	return nil
}

// picture takes one picture all the way.
func (s *stages) picture() error {
	cells := stageCells()
	steps := [6]func() error{
		func() error { _, err := io.ReadFull(s.raw, s.skip); return err },
		func() error { return s.source.Read(&s.up, stageBox()) },
		func() (err error) { s.data, _, err = s.enc.Encode(s.data[:0], &s.up, false); return err },
		func() error { return s.dec.Decode(&s.down, s.data, s.up.Size()) },
		func() error {
			s.canvas.Picture(frame.Rect{W: cells.W, H: cells.H}, &s.down, render.PictureOptions{})
			s.text = s.canvas.Append(s.text[:0])
			return nil
		},
		func() error { _, err := s.tty.Write(s.text); return err },
	}
	for i, step := range steps {
		begin := clock()
		if err := step(); err != nil {
			return fmt.Errorf("%s: %w", stageNames()[i], err)
		}
		s.took[i] += clock() - begin
	}
	s.pictures++
	return nil
}

// figures are what the steps take in the mean, and what the whole client takes besides: network, waking up, waiting.
func (s *stages) figures(whole float64) (all []Figure) {
	rest := whole
	var each [6]float64
	for i, took := range s.took {
		each[i] = ms(took) / float64(s.pictures)
	}
	each[1] = max(each[1]-each[0], 0) // reading is part of it
	for i, name := range stageNames() {
		share := each[i] * 30 / 10
		rest -= share
		all = append(all, figure("client_"+name, each[i], "ms a picture").beside("%.1f %% of a core at 30 a second; at %s", share, dims(s.up.Size())))
	}
	return append(all, figure("client_rest", rest, "% of a core").beside("of %.1f: network, waking up and waiting, the client's own picture", whole))
}
