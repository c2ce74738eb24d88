package app

import "context"

func manCommand() Command {
	return Command{
		Name: "man", Summary: "print the manual page", Bare: true,
		Run: func(_ context.Context, in *Input) error { return nil },
	}
}
