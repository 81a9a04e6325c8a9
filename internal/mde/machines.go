package mde

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"time"
)

// Machine is a device that Defender for Endpoint knows.
// https://learn.microsoft.com/en-us/defender-endpoint/api/machine
type Machine struct {
	// ID is 40 hex digits.
	ID              string    `json:"id"`
	ComputerDNSName string    `json:"computerDnsName"`
	FirstSeen       time.Time `json:"firstSeen"`
	// LastSeen is the time of the last full report, which may lag by a day.
	LastSeen              time.Time `json:"lastSeen"`
	OSPlatform            string    `json:"osPlatform"`
	OSVersion             string    `json:"osVersion"`
	OSProcessor           string    `json:"osProcessor"`
	OSArchitecture        string    `json:"osArchitecture"`
	OSBuild               int64     `json:"osBuild"`
	Version               string    `json:"version"`
	LastIPAddress         string    `json:"lastIpAddress"`
	LastExternalIPAddress string    `json:"lastExternalIpAddress"`
	AgentVersion          string    `json:"agentVersion"`
	// HealthStatus is an open vocabulary: Active, Inactive, ...
	HealthStatus     string   `json:"healthStatus"`
	RiskScore        string   `json:"riskScore"`
	ExposureLevel    string   `json:"exposureLevel"`
	DeviceValue      string   `json:"deviceValue"`
	OnboardingStatus string   `json:"onboardingStatus"`
	DefenderAVStatus string   `json:"defenderAvStatus"`
	RBACGroupName    string   `json:"rbacGroupName"`
	AADDeviceID      string   `json:"aadDeviceId"`
	MachineTags      []string `json:"machineTags"`
	ManagedBy        string   `json:"managedBy"`
}

// Machines is the device inventory.
type Machines struct {
	client *Client
}

// Get returns the machine with that id.
// https://learn.microsoft.com/en-us/defender-endpoint/api/get-machine-by-id
func (s *Machines) Get(ctx context.Context, id string) (Machine, error) {
	var machine Machine
	err := s.client.do(ctx, call{op: "read machine", method: http.MethodGet, path: []string{"api", "machines", id}, traits: safe}, &machine)
	return machine, err
}

// List yields the machines that match the OData filter, all when it is empty.
// A 404 counts as an empty list.
// https://learn.microsoft.com/en-us/defender-endpoint/api/get-machines
func (s *Machines) List(ctx context.Context, filter string) iter.Seq2[Machine, error] {
	return func(yield func(Machine, error) bool) {
		for machine, err := range list[Machine](ctx, s.client, "list machines", []string{"api", "machines"}, filter) {
			if errors.Is(err, ErrNotFound) {
				return
			}
			if !yield(machine, err) {
				return
			}
		}
	}
}
