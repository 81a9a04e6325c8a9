// Command terraform-provider-mde serves the mde provider to Terraform.
package main

import (
	"flag"
	"log"
	"math"
	"runtime/debug"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/mde-as-code/terraform-provider-mde/internal/provider"
)

// address is the provider's source address.
const address = "registry.terraform.io/mde-as-code/mde"

// version is set by the linker: -ldflags "-X main.version=1.2.3".
var version = "dev"

// memoryGoal is the memory, in bytes, from which on garbage is collected
// eagerly: a set of 15,000 indicators lives in half of it, and CI runners are
// small. It is no bound, and GOMEMLIMIT replaces it.
const memoryGoal = 100 << 20

func main() {
	if debug.SetMemoryLimit(-1) == math.MaxInt64 {
		debug.SetMemoryLimit(memoryGoal)
	}
	debug := flag.Bool("debug", false, "serve until interrupted, so that a debugger can be attached")
	flag.Parse()
	var options []tf6server.ServeOpt
	if *debug {
		options = append(options, tf6server.WithManagedDebug())
	}
	if err := tf6server.Serve(address, provider.NewServer(version), options...); err != nil {
		log.Fatal(err)
	}
}
