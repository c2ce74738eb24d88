package main

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"acip/cmd/internal/app"
	"acip/internal/address"
	"acip/internal/client"
	"acip/internal/fault"
)

// program is the table of acip-client.
func program() app.Program {
	o := client.Offered()
	return app.Program{
		Name: "acip-client", Summary: "a video call in the terminal", Main: "join",
		About: []string{
			"acip-client joins a room on an acip-server, sends your camera's picture and shows everybody in the room: " +
				"as a grid on a terminal, or as a YUV4MPEG2 stream in a pipe, which players and renderers read.",
			"The camera opens when you join a call. It closes when you pause (the space bar) and when the call ends. There is no sound yet.",
		},
		Examples: []app.Example{
			{Line: "acip-client --camera 0", What: "join the server on this network, or on this machine"},
			{Line: "acip-client --camera 0 ws://host:27226", What: "join a server by name; host and host:port work too"},
			{Line: "acip-client --view-only host", What: "watch without opening a camera"},
			{Line: "acip-client --camera 0 host | mpv --vo=tct -", What: "play the call in another program"},
			{Line: "acip-client render photo.jpg", What: "draw a picture or a film"},
			{Line: "acip-client doctor host", What: "check the camera, the terminal and the network"},
		},
		Commands: []app.Command{joinCommand(o), renderCommand(o), mirrorCommand(o), playCommand(), camerasCommand(), doctorCommand()},
		Manual:   manual(),
		Built:    built,
		Explain:  explain,
		Grace:    true,
	}
}

// explain tells about the errors of a command.
func explain(err error) (sentence, hint string, exit int) {
	if fault.Quiet(err) {
		return "", "", app.ExitDone
	}
	sentence, hint = fault.Explain(err)
	return sentence, hint, fault.Code(err)
}

// built says what this build has.
func built() []string {
	o := client.Offered()
	list := []string{"codecs: " + commas(o.Codecs[1:])}
	for _, name := range slices.Sorted(maps.Keys(o.Missing)) {
		list = append(list, name+": "+o.Missing[name])
	}
	return append(list, "sources: "+commas(o.Sources), "glyphs: "+commas(o.Glyphs[1:]), "graphics: "+commas(o.Graphics[1:]))
}

func commas(list []string) string { return strings.Join(list, ", ") }

// checkSource refuses a source before anything else begins.
func checkSource(text string) error {
	err := client.CheckSource(text)
	if err == nil {
		return nil
	}
	sentence, hint := fault.Explain(err)
	return &app.Error{Msg: sentence, Remedy: hint, Exit: app.ExitUsage}
}

// checkAddress refuses an address before anything else begins.
func checkAddress(text string) error {
	if strings.TrimSpace(text) == "" {
		return app.Usage("the address is empty", "leave it out to join the server on this network or on this machine: acip-client")
	}
	_, _, err := address.Parse(text)
	if err == nil {
		return nil
	}
	sentence, hint := fault.Explain(err)
	return &app.Error{Msg: sentence, Remedy: hint, Exit: app.ExitUsage}
}

func notEmpty(text string) error {
	if text == "" {
		return errors.New("must not be empty")
	}
	return nil
}

func manual() []app.Section {
	return []app.Section{
		{Title: "KEYS", Text: []string{
			"On a full screen, ? lists the keys: q leaves, the space bar pauses your picture and closes the camera, v shows or hides your own picture, " +
				"l changes the layout, 1 to 9 and Tab choose a speaker, h hides or mutes people, c and g change colours and glyphs, t opens the chat, " +
				"s saves a snapshot, r records. With --no-ui, type a line to send it to the room; /help lists the commands.",
		}},
		{Title: "PIPES", Text: []string{
			"If standard output is not a terminal, a YUV4MPEG2 stream is written: acip-client host | mpv -. --output ansi writes text for a " +
				"terminal, --output rgb bare pictures of 24 bits a pixel. A stream keeps the size of its first picture. " +
				"--source - reads a YUV4MPEG2 stream and sends it.",
		}},
		{Title: "EXIT STATUS", Text: []string{
			"0: done, also after a signal or when the reader of a pipe has gone. 1: failed while running, also when a recording " +
				"could not be written or breaks off. 2: wrong usage. 3: refused by the server. " +
				"130: cut short by a second signal.",
		}},
	}
}
