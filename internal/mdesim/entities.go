package mdesim

import "time"

// Indicator is a threat indicator of the simulated tenant. Empty texts answer
// as null on the wire.
type Indicator struct {
	ID             string `json:"id"`
	IndicatorValue string `json:"indicatorValue"`
	IndicatorType  string `json:"indicatorType"`
	Action         string `json:"action"`
	Title          string `json:"title"`
	Description    string `json:"description"`
	Severity       string `json:"severity"`
	Application    string `json:"application"`
	// ExpirationTime is nil when the record never expires.
	ExpirationTime     *time.Time `json:"expirationTime"`
	RecommendedActions string     `json:"recommendedActions"`
	EducateURL         string     `json:"educateUrl"`
	GenerateAlert      bool       `json:"generateAlert"`
	RBACGroupNames     []string   `json:"rbacGroupNames"`
	RBACGroupIDs       []int      `json:"rbacGroupIds"`
	ExternalID         string     `json:"externalId"`

	CreatedBy               string    `json:"createdBy"`
	CreatedByDisplayName    string    `json:"createdByDisplayName"`
	CreatedBySource         string    `json:"createdBySource"`
	CreationTimeDateTimeUTC time.Time `json:"creationTimeDateTimeUtc"`
	LastUpdateTime          time.Time `json:"lastUpdateTime"`
	LastUpdatedBy           string    `json:"lastUpdatedBy"`
}

// LibraryFile is a file of the live-response library.
type LibraryFile struct {
	FileName string `json:"fileName"`
	// SHA256 is the lower-case hex hash of Content.
	SHA256                string    `json:"sha256"`
	Description           string    `json:"description"`
	CreationTime          time.Time `json:"creationTime"`
	LastUpdatedTime       time.Time `json:"lastUpdatedTime"`
	CreatedBy             string    `json:"createdBy"`
	HasParameters         bool      `json:"hasParameters"`
	ParametersDescription string    `json:"parametersDescription"`
	// Content never travels: the API gives no way to read it back.
	Content []byte `json:"content"`
}

// Machine is a device of the simulated tenant.
type Machine struct {
	ID                    string    `json:"id"`
	ComputerDNSName       string    `json:"computerDnsName"`
	FirstSeen             time.Time `json:"firstSeen"`
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
	HealthStatus          string    `json:"healthStatus"`
	RiskScore             string    `json:"riskScore"`
	ExposureLevel         string    `json:"exposureLevel"`
	DeviceValue           string    `json:"deviceValue"`
	OnboardingStatus      string    `json:"onboardingStatus"`
	DefenderAVStatus      string    `json:"defenderAvStatus"`
	RBACGroupID           int       `json:"rbacGroupId"`
	RBACGroupName         string    `json:"rbacGroupName"`
	IsAADJoined           bool      `json:"isAadJoined"`
	AADDeviceID           string    `json:"aadDeviceId"`
	MachineTags           []string  `json:"machineTags"`
	ManagedBy             string    `json:"managedBy"`
}

// MachineAction is a live-response run or another action on a machine.
type MachineAction struct {
	ID                      string          `json:"id"`
	Type                    string          `json:"type"`
	Title                   string          `json:"title"`
	Requestor               string          `json:"requestor"`
	RequestorComment        string          `json:"requestorComment"`
	Status                  string          `json:"status"`
	MachineID               string          `json:"machineId"`
	ComputerDNSName         string          `json:"computerDnsName"`
	CreationDateTimeUTC     time.Time       `json:"creationDateTimeUtc"`
	LastUpdateDateTimeUTC   time.Time       `json:"lastUpdateDateTimeUtc"`
	CancellationRequestor   string          `json:"cancellationRequestor"`
	CancellationComment     string          `json:"cancellationComment"`
	CancellationDateTimeUTC *time.Time      `json:"cancellationDateTimeUtc"`
	ErrorHResult            int32           `json:"errorHResult"`
	Scope                   string          `json:"scope"`
	ExternalID              string          `json:"externalId"`
	RequestSource           string          `json:"requestSource"`
	RelatedFileInfo         *FileInfo       `json:"relatedFileInfo"`
	Commands                []ActionCommand `json:"commands"`
	TroubleshootInfo        string          `json:"troubleshootInfo"`
}

// FileInfo names the file of a StopAndQuarantineFile action.
type FileInfo struct {
	FileIdentifier     string `json:"fileIdentifier"`
	FileIdentifierType string `json:"fileIdentifierType"`
}

// ActionCommand is one command of a live-response run and how far it is.
type ActionCommand struct {
	Index         int        `json:"index"`
	StartTime     *time.Time `json:"startTime"`
	EndTime       *time.Time `json:"endTime"`
	CommandStatus string     `json:"commandStatus"`
	Errors        []string   `json:"errors"`
	Command       Command    `json:"command"`
}

// Command is one step of a live-response run.
type Command struct {
	Type   string         `json:"type"`
	Params []CommandParam `json:"params"`
}

// CommandParam is one parameter of a [Command].
type CommandParam struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// param returns the value of the parameter with that key, or "".
func (c Command) param(key string) string {
	for _, param := range c.Params {
		if param.Key == key {
			return param.Value
		}
	}
	return ""
}

// ScriptResult is what running a library script gives.
type ScriptResult struct {
	ExitCode int `json:"exitCode"`
	// Output is the script's output; empty means the transcript line alone.
	Output string `json:"output"`
	Errors string `json:"errors"`
	// Duration replaces [Timing.Command].
	Duration time.Duration `json:"duration"`
	// Fail makes the command, and with it the run, fail with these errors.
	Fail []string `json:"fail"`
}

// Execution is a command that a device really began to run.
type Execution struct {
	ActionID  string `json:"actionId"`
	MachineID string `json:"machineId"`
	// Type of the command.
	Type string `json:"type"`
	// Script is the library file of a PutFile or RunScript.
	Script string `json:"script"`
	Args   string `json:"args"`
	// Path is the file that a GetFile asks for.
	Path string `json:"path"`
	// SHA256 of the library file as it was at that moment.
	SHA256 string    `json:"sha256"`
	At     time.Time `json:"at"`
}
