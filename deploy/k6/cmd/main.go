// Command k6 is k6 with our resolver: what "xk6 build --with blackstart.dev/k6=." makes, in versions that are fixed.
package main

import (
	_ "blackstart.dev/k6"

	"go.k6.io/k6/v2/cmd"
)

func main() {
	cmd.Execute()
}
