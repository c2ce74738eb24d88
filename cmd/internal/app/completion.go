package app

import "context"

func completionCommand() Command {
	return Command{
		Name: "completion", Summary: "print completions for a shell", Args: "bash|zsh|fish", Least: 1, Most: 1, Bare: true,
		Run: func(_ context.Context, in *Input) error { return nil },
	}
}
