explain with session a.b = true values 1
