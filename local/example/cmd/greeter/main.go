// Command greeter greets whom its argument names.
package main

import (
	"fmt"
	"os"
	"time"

	"example.com/greeter/greet"
)

func main() {
	name := "world"
	if len(os.Args) > 1 {
		name = os.Args[1]
	}
	greeting, err := greet.Hello("en", name, time.Now())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(greeting)
}
