package term

import (
	"context"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// tmuxTakes is how long tmux may take to say what its terminal can.
const tmuxTakes = 300 * time.Millisecond

// askTmux asks tmux, by its own command, what the terminal around it can: it answers no question about colours itself,
// and turns what the terminal cannot show into the nearest of 256 colours without saying so. Versions before 3.2 and
// servers without a client say nothing, and nothing is learnt.
func (c *Caps) askTmux(run func(ctx context.Context, args ...string) (string, error)) {
	ctx, cancel := context.WithTimeout(context.Background(), tmuxTakes)
	defer cancel()
	answer, err := run(ctx, "display-message", "-p", "#{client_termfeatures}")
	if err != nil {
		return
	}
	features := strings.Split(strings.TrimSpace(answer), ",")
	switch {
	case c.NoColor || len(features) < 2:
	case slices.Contains(features, "RGB"):
		c.learn("color", "tmux", func() { c.Color = Truecolor })
	case slices.Contains(features, "256"):
		c.learn("color", "tmux", func() { c.Color = Color256 })
	}
}

// runTmux runs the tmux that this process is in.
func runTmux(getenv func(string) string) func(ctx context.Context, args ...string) (string, error) {
	return func(ctx context.Context, args ...string) (string, error) {
		cmd := exec.CommandContext(ctx, "tmux", args...)
		cmd.Env = append(os.Environ(), "TMUX="+getenv("TMUX"), "TMUX_PANE="+getenv("TMUX_PANE"))
		cmd.WaitDelay = tmuxTakes
		b, err := cmd.Output()
		return string(b), err
	}
}
