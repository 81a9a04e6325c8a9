package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/mde-as-code/terraform-provider-mde/internal/leanserver"
)

// NewServer returns the provider as Terraform's protocol has it.
func NewServer(version string) func() tfprotov6.ProviderServer {
	return leanserver.New(providerserver.NewProtocol6(New(version)()))
}
