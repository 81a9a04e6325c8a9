// Command terraform-provider-mde serves the mde provider to Terraform.
package main

import (
	"flag"
	"log"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/mde-as-code/terraform-provider-mde/internal/leanserver"
	"github.com/mde-as-code/terraform-provider-mde/internal/provider"
)

// address is the provider's source address.
const address = "registry.terraform.io/mde-as-code/mde"

// version is set by the linker: -ldflags "-X main.version=1.2.3".
var version = "dev"

func main() {
	leanserver.Tune()
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
