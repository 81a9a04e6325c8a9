// Command terraform-provider-mde serves the mde provider to Terraform.
package main

import (
	"context"
	"flag"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/mde-as-code/terraform-provider-mde/internal/provider"
)

// address is the provider's source address.
const address = "registry.terraform.io/mde-as-code/mde"

// version is set by the linker: -ldflags "-X main.version=1.2.3".
var version = "dev"

func main() {
	debug := flag.Bool("debug", false, "serve until interrupted, so that a debugger can be attached")
	flag.Parse()
	options := providerserver.ServeOpts{Address: address, Debug: *debug, ProtocolVersion: 6}
	if err := providerserver.Serve(context.Background(), provider.New(version), options); err != nil {
		log.Fatal(err)
	}
}
