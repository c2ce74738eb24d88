package address

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"acip/internal/fault"
	"acip/internal/lan"
	"acip/internal/term"
	"acip/packet"
)

// Person is who is asked which server to join, and what was said beforehand.
type Person struct {
	Stdin  io.Reader // a terminal, or there is nobody to ask
	Stderr io.Writer
	Yes    bool // join the only one found without a question
	Token  bool // a secret goes along, which only a server that was named may have
}

// lookFor is how long servers in the network have to answer.
const lookFor = time.Second

// Nearby is the server that a person means who named none: the one on this machine if there is one, else one that
// announces itself in this network and that the person has confirmed, else, an empty address, this machine after all.
// done must be called at the end: it waits for a question that is still under way. Leaving is context.Canceled.
func Nearby(ctx context.Context, p Person) (address string, done func(), err error) {
	search, cancel := context.WithTimeout(ctx, lookFor)
	ended := make(chan struct{})
	var found []lan.Server
	go func() {
		defer close(ended)
		found = lan.Find(search)
	}()
	done = func() {
		cancel()
		<-ended
	}
	if here(search) {
		return "", done, nil
	}
	<-ended
	if ctx.Err() != nil {
		return "", done, context.Canceled
	}
	if len(found) > 0 {
		address, err = choose(ctx, p, found)
	}
	return address, done, err
}

// here reports whether something listens on this machine where a server would.
func here(ctx context.Context) bool {
	c, err := (&net.Dialer{}).DialContext(ctx, "tcp", net.JoinHostPort("localhost", strconv.Itoa(packet.DefaultPort)))
	if err == nil {
		_ = c.Close() // only asked whether it is there
	}
	return err == nil
}

// choose asks the person which of the found servers to join. Without a person, one is taken with --yes only.
func choose(ctx context.Context, p Person, found []lan.Server) (string, error) {
	if p.Token {
		return "", &fault.Usage{
			Text:   "a token is sent only to a server that you name; found on this network: " + listed(found),
			Remedy: "acip-client " + found[0].String(),
		}
	}
	if p.Yes && len(found) == 1 {
		fmt.Fprintf(p.Stderr, "joining %s (%s), found on this network\n", found[0].Name, found[0])
		return found[0].String(), nil
	}
	in, ok := p.Stdin.(*os.File)
	if !ok || !term.IsTerminal(in) {
		return "", unasked(found)
	}
	offer(p.Stderr, found)
	line := make(chan string, 1) // not waited for: nothing but a key ends a read from a terminal
	go func() {
		text, err := bufio.NewReader(in).ReadString('\n')
		if err != nil {
			text = "q"
		}
		line <- text
	}()
	select {
	case text := <-line:
		return pick(text, found)
	case <-ctx.Done():
		return "", context.Canceled
	}
}

// offer names what was found and says which key joins.
func offer(w io.Writer, found []lan.Server) {
	if len(found) == 1 {
		fmt.Fprintf(w, "Found on this network: %s (%s)\nJoin it?  Enter: yes   q: no  ", found[0].Name, found[0])
		return
	}
	fmt.Fprintln(w, "Found on this network:")
	for i, s := range found {
		fmt.Fprintf(w, "  %d  %s (%s)\n", i+1, s.Name, s)
	}
	fmt.Fprintf(w, "Join which one?  1 to %d   q: none  ", len(found))
}

// pick reads the answer to offer.
func pick(text string, found []lan.Server) (string, error) {
	text = strings.ToLower(strings.TrimSpace(text))
	if len(found) == 1 && (text == "" || text == "y" || text == "yes") {
		return found[0].String(), nil
	}
	if n, err := strconv.Atoi(text); err == nil && n >= 1 && n <= len(found) {
		return found[n-1].String(), nil
	}
	return "", context.Canceled
}

// unasked is what a program without a person at a terminal is told.
func unasked(found []lan.Server) error {
	e := &fault.Usage{Text: "found on this network, but nobody is here to confirm it: " + listed(found), Remedy: "acip-client " + found[0].String()}
	if len(found) == 1 {
		e.Remedy += ", or acip-client --yes"
	}
	return e
}

// listed is the servers in a line.
func listed(found []lan.Server) string {
	names := make([]string, len(found))
	for i, s := range found {
		names[i] = fmt.Sprintf("%s (%s)", s.Name, s)
	}
	return strings.Join(names, ", ")
}
