variable "case" {
  description = "Number of the case, which goes into comments and the names of archives."
  type        = string
  default     = "INC-1042"

  validation {
    condition     = can(regex("^INC-[0-9]+$", var.case))
    error_message = "A case is written like INC-1042."
  }
}

variable "requested" {
  description = "Day of the request. A new one collects from the whole fleet again."
  type        = string
  default     = "2026-11-20"

  validation {
    condition     = can(formatdate("YYYY-MM-DD", "${var.requested}T00:00:00Z"))
    error_message = "Write a day such as 2026-11-20."
  }
}

variable "tag" {
  description = "Tag of the fleet's devices in Defender."
  type        = string
  default     = "finance"

  validation {
    condition     = length(var.tag) > 0
    error_message = "Without a tag the whole tenant would be listed."
  }
}

variable "max_runs" {
  description = "How many runs one apply may start."
  type        = number
  default     = 50

  validation {
    condition     = var.max_runs >= 0
    error_message = "The number must not be negative."
  }
}

variable "pending_timeout" {
  description = "How long a device that is off may take to begin, before the apply goes on without it."
  type        = string
  default     = "1h"

  validation {
    condition     = can(regex("^[1-9][0-9]*[smhd]$", var.pending_timeout))
    error_message = "Write a duration such as 10m, 1h or 2d."
  }
}

variable "evidence" {
  description = "Folder that the results are written to, once, as each run ends."
  type        = string
  default     = "evidence"
}
